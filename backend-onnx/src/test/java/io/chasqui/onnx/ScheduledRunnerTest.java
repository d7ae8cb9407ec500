package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several devices, none of which is real. */
@Timeout(60)
class ScheduledRunnerTest {
  private static final TokenBatch BATCH = new TokenBatch("role", List.of(new int[] {1, 2}), 0);

  private final List<Device> loaded = new ArrayList<>();

  private static Schedule schedule(Device device, OnnxOptions options) {
    return Schedule.of(device, options, (rows, longest) -> 0);
  }

  private ScheduledRunner load(
      Device device, OnnxOptions options, List<? extends ModelRunner> fakes) throws IOException {
    return ScheduledRunner.load(
        device,
        schedule(device, options),
        "fake",
        "role",
        512,
        each -> {
          loaded.add(each);
          return fakes.get(loaded.size() - 1);
        });
  }

  private static JoiningFake joining() {
    return new JoiningFake(true, (batches, deadline) -> {});
  }

  @Test
  void eachGpuHasASessionOfItsOwn() throws IOException {
    List<JoiningFake> fakes = List.of(joining(), joining());
    OnnxOptions options = OnnxOptions.defaults().withMaxBatchTokens(4096);
    ScheduledRunner scheduled = load(Device.cuda(1, 3), options, fakes);
    assertEquals(List.of(Device.cuda(1), Device.cuda(3)), loaded);
    assertEquals(2 * 16, scheduled.callers());
    assertEquals(4096, scheduled.planner().maxTokens());
    try (ModelRunner runner = scheduled.runner()) {
      assertInstanceOf(RunnerPool.class, runner);
      assertEquals(FakeRunner.WIDTH, runner.run(BATCH, Deadline.none()).length);
    }
    assertEquals(1, fakes.get(0).answers.closed.get());
    assertEquals(1, fakes.get(1).answers.closed.get());
  }

  @Test
  void anIdleGpuGetsTheNextBatch() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    FakeRunner busy =
        new FakeRunner(
            (batch, deadline) -> {
              entered.countDown();
              gate.await();
            },
            -1);
    FakeRunner idle = FakeRunner.healthy();
    try (RunnerPool pool = new RunnerPool(List.of(busy, idle))) {
      CompletableFuture<float[]> long1 =
          CompletableFuture.supplyAsync(() -> pool.run(BATCH, Deadline.none()));
      entered.await();
      for (int i = 0; i < 3; i++) {
        float[] unused = pool.run(BATCH, Deadline.none());
      }
      assertEquals(3, idle.batches.size());
      gate.countDown();
      float[] unused = long1.get();
      assertEquals(1, busy.batches.size());
    }
  }

  @Test
  void theTokensOfACallAreFoundOnTheFirstGpu() throws IOException {
    List<JoiningFake> fakes = List.of(joining(), joining());
    ScheduledRunner scheduled = load(Device.cuda(0, 1), OnnxOptions.defaults(), fakes);
    try (ModelRunner runner = scheduled.runner()) {
      assertTrue(fakes.get(0).runs.size() >= 2, "calibrated");
      assertEquals(List.of(), fakes.get(1).runs);
      assertTrue(scheduled.planner().maxTokens() <= Schedule.CUDA_MOST_CALIBRATED);
      assertInstanceOf(RunnerPool.class, runner);
    }
  }

  @Test
  void aCpuRunsCallsApartUnlessTold() throws IOException {
    ScheduledRunner apart = load(Device.cpu(2), OnnxOptions.defaults(), List.of(joining()));
    assertInstanceOf(JoiningFake.class, apart.runner());
    assertEquals(2, apart.callers());
    loaded.clear();
    OnnxOptions dynamic = OnnxOptions.defaults().withBatching(OnnxOptions.Batching.DYNAMIC);
    ScheduledRunner joined = load(Device.cpu(2), dynamic, List.of(joining()));
    try (ModelRunner runner = joined.runner()) {
      assertInstanceOf(JoinedRuns.class, runner);
      assertEquals(32, joined.callers());
    }
  }

  @Test
  void whatCannotJoinRunsApart() throws IOException {
    FakeRunner fake = FakeRunner.healthy();
    OnnxOptions options = OnnxOptions.defaults().withMaxBatchTokens(4096);
    ScheduledRunner scheduled = load(Device.cuda(0), options, List.of(fake));
    assertEquals(fake, scheduled.runner());
    assertEquals(1, scheduled.callers());
  }

  @Test
  void whatWasLoadedIsClosedWhenAnotherGpuFails() {
    JoiningFake first = joining();
    OnnxOptions options = OnnxOptions.defaults().withMaxBatchTokens(4096);
    assertThrows(
        IOException.class,
        () ->
            ScheduledRunner.load(
                Device.cuda(0, 1),
                schedule(Device.cuda(0, 1), options),
                "fake",
                "role",
                512,
                device -> {
                  if (device.equals(Device.cuda(1))) {
                    throw new IOException("no second GPU");
                  }
                  return first;
                }));
    assertEquals(1, first.answers.closed.get());
  }
}
