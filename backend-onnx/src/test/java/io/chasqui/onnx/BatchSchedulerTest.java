package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchSchedulerTest {
  private final RunQueue queue = new RunQueue("test", 2);

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void noTextsNoCalls() {
    FakeRunner runner = FakeRunner.healthy();
    BatchScheduler.Rows rows = run(runner, texts(0, 1), Deadline.none());
    assertEquals(0, rows.values().length);
    assertTrue(runner.batches.isEmpty());
  }

  @Test
  void oneRowThatDoesNotFitSaysWhatItNeeds() {
    FakeRunner runner = FakeRunner.healthy();
    BatchScheduler small = Schedulers.over(runner, queue, 512, 10_000);
    FakeInputs inputs = new FakeInputs(List.of(10, 101, 20));
    BackendException e =
        assertThrows(BackendException.class, () -> small.run("any", inputs, Deadline.none()));
    assertEquals(
        "not enough memory for passage p1 alone: its 101 tokens need about 10100 bytes,"
            + " the budget is 10000 bytes",
        e.getMessage());
    assertFalse(e.retryable());
  }

  @Test
  void oneRowThatRunsOutOfMemoryIsTriedAloneAndThenAnError() {
    FakeRunner runner = FakeRunner.withMemoryFor(50);
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> run(runner, new FakeInputs(List.of(51)), Deadline.none()));
    assertTrue(e.getMessage().startsWith("not enough memory for passage p0 alone"));
    assertEquals("cannot allocate", e.getCause().getMessage());
    assertTrue(e.retryable());
    assertEquals(2, runner.batches.size());
  }

  @Test
  void aRowThatFitsOnlyAloneIsRunAlone() {
    AtomicReference<FakeRunner> self = new AtomicReference<>();
    CountDownLatch both = new CountDownLatch(2);
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              both.countDown();
              both.await(); // the first two meet here: then one of them is not alone
              if (self.get().running.get() > 1) {
                throw new BackendException("cannot allocate", true);
              }
            },
            -1);
    self.set(runner);
    BatchScheduler.Rows rows = run(runner, new FakeInputs(List.of(300, 200)), Deadline.none());
    assertArrayEquals(new float[] {300, 0, 0, 200, 1, 1}, rows.values());
  }

  @Test
  void afterRunningOutOfMemoryLargeCallsAreNotTriedAgain() {
    FakeRunner runner = FakeRunner.withMemoryFor(100);
    run(runner, texts(64, 10), Deadline.none());
    long tooLarge =
        runner.batches.stream().filter(b -> b.rows().size() * b.longest() > 100).count();
    assertTrue(tooLarge <= 6, () -> tooLarge + " calls ran out of memory");
  }

  @Test
  void aRowThatIsNotFiniteFailsAloneAndIsNamed() {
    BatchScheduler.Rows rows = run(FakeRunner.withNanFor(5), texts(20, 8), Deadline.none());
    assertEquals(Map.of(5, "the model gave NaN for passage p5"), rows.failures());
    assertEquals(8f, rows.values()[6 * FakeRunner.WIDTH]);
  }

  @Test
  void theFirstErrorReachesTheCallerAndStopsTheRest() {
    RuntimeException broken = new BackendException("device lost", false);
    AtomicInteger calls = new AtomicInteger();
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              if (calls.incrementAndGet() == 3) {
                throw broken;
              } else if (calls.get() > 3) {
                new CountDownLatch(1).await(); // until it is stopped
              }
            },
            -1);
    assertSame(
        broken,
        assertThrows(BackendException.class, () -> run(runner, texts(2000, 500), Deadline.none())));
    assertTrue(calls.get() <= 4, () -> calls + " calls");
    assertEquals(0, runner.running.get());
  }

  @Test
  void anErrorOfTheJvmReachesTheCaller() {
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              throw new StackOverflowError("deep");
            },
            -1);
    assertThrows(StackOverflowError.class, () -> run(runner, texts(4, 4), Deadline.none()));
  }

  @Test
  void aTokenizerThatFailsLeavesNothingRunning() {
    CountDownLatch entered = new CountDownLatch(1);
    FakeRunner runner = FakeRunner.endless(entered);
    FakeInputs texts = texts(500, 100);
    BatchScheduler.Inputs failing =
        new BatchScheduler.Inputs() {
          @Override
          public int size() {
            return texts.size();
          }

          @Override
          public List<io.chasqui.checkpoint.PreparedInput> prepare(int from, int to) {
            if (from > 0) {
              awaitQuietly(entered);
              throw new IllegalStateException("tokenizer is closed");
            }
            return texts.prepare(from, to);
          }

          @Override
          public String name(int index) {
            return texts.name(index);
          }

          @Override
          public String doing() {
            return texts.doing();
          }
        };
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> Schedulers.over(runner, queue, 512).run("any", failing, Deadline.none()));
    assertEquals("tokenizer is closed", e.getMessage());
    assertEquals(0, runner.running.get());
  }

  @Test
  void aDeadlineStopsWhatRunsAndWhatWaits() {
    FakeRunner runner = FakeRunner.endless(new CountDownLatch(1));
    DeadlineExceededException e =
        assertThrows(
            DeadlineExceededException.class,
            () -> run(runner, texts(100, 300), Deadline.after(Duration.ofMillis(30))));
    assertEquals("deadline passed while encoding 100 passages", e.getMessage());
    assertEquals(0, runner.running.get());
    assertTrue(runner.batches.size() <= 2);
  }

  @Test
  void aPassedDeadlineRunsNothing() {
    FakeRunner runner = FakeRunner.healthy();
    assertThrows(
        DeadlineExceededException.class,
        () -> run(runner, texts(1, 1), Deadline.after(Duration.ZERO)));
    assertTrue(runner.batches.isEmpty());
  }

  @Test
  void anInterruptStopsItsOwnRequestAndNoOther() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              if (batch.rows().get(0).length == 300) {
                entered.countDown();
                new CountDownLatch(1).await();
              }
            },
            -1);
    BatchScheduler scheduler = Schedulers.over(runner, queue, 256);
    AtomicBoolean flag = new AtomicBoolean();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread stuck =
        new Thread(
            () -> {
              try {
                scheduler.run("any", new FakeInputs(List.of(300)), Deadline.none());
              } catch (RuntimeException e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
              }
            });
    stuck.start();
    entered.await();
    CompletableFuture<BatchScheduler.Rows> other =
        CompletableFuture.supplyAsync(() -> scheduler.run("any", texts(5000, 8), Deadline.none()));
    stuck.interrupt();
    stuck.join();
    assertEquals(15_000, other.get(30, TimeUnit.SECONDS).values().length);
    assertEquals("interrupted while encoding 1 passages", thrown.get().getMessage());
    assertTrue(flag.get());
    // the worker that was interrupted works on
    assertEquals(30, run(runner, texts(10, 8), Deadline.none()).values().length);
  }

  @Test
  void aShortRequestOvertakesALongOne() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(2);
    CountDownLatch asked = new CountDownLatch(1);
    AtomicInteger others = new AtomicInteger();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              entered.countDown();
              go.await();
              if (batch.longest() == 7) {
                order.add(7);
                asked.countDown();
                return;
              }
              // The worker that has the query may be slow to begin: the other one does not run
              // away.
              int before = others.getAndIncrement();
              if (before == 5 || before == 6) {
                boolean unused = asked.await(5, TimeUnit.SECONDS);
              }
              order.add(batch.longest());
            },
            -1);
    BatchScheduler scheduler = Schedulers.over(runner, queue, 100);
    CompletableFuture<?> longJob =
        CompletableFuture.runAsync(
            () -> scheduler.run("any", texts(500, 100), Deadline.none()), r -> thread(r));
    entered.await(); // both workers are taken, hundreds of tasks wait
    CompletableFuture<?> query =
        CompletableFuture.runAsync(
            () -> scheduler.run("any", new FakeInputs(List.of(7)), Deadline.none()),
            r -> thread(r));
    while (!queue.hasWaiting(2)) {
      Thread.onSpinWait();
    }
    go.countDown();
    query.get(30, TimeUnit.SECONDS);
    longJob.get(30, TimeUnit.SECONDS);
    assertTrue(order.indexOf(7) <= 5, () -> "the query came after " + order.indexOf(7) + " calls");
  }

  @Test
  void aModelThatGivesTooFewFloatsIsAnError() {
    FakeRunner runner = FakeRunner.healthy();
    io.chasqui.spi.ModelRunner wide =
        new io.chasqui.spi.ModelRunner() {
          @Override
          public int width(String role) {
            return 5;
          }

          @Override
          public float[] run(io.chasqui.spi.TokenBatch batch, Deadline deadline) {
            return runner.run(batch, deadline);
          }

          @Override
          public void close() {}
        };
    BatchScheduler scheduler =
        new BatchScheduler(
            wide,
            queue,
            new BatchPlanner(512, 0.05, (rows, longest) -> 1, 1 << 20),
            new MemoryGate(1 << 20),
            () -> "");
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> scheduler.run("any", new FakeInputs(List.of(4)), Deadline.none()));
    assertEquals("the model gave 3 floats for 1 rows of 5", e.getMessage());
  }

  private static void thread(Runnable task) {
    new Thread(task).start();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private BatchScheduler.Rows run(FakeRunner runner, FakeInputs inputs, Deadline deadline) {
    return Schedulers.over(runner, queue, 512).run("any", inputs, deadline);
  }

  private static FakeInputs texts(int count, int length) {
    return new FakeInputs(IntStream.range(0, count).mapToObj(i -> length).toList());
  }
}
