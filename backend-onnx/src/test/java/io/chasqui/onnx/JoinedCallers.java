package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.chasqui.Deadline;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Callers of a fake device that is busy with a first run until told otherwise. */
final class JoinedCallers implements AutoCloseable {
  static final int POISON = 666;

  final JoinedRuns runs;
  final JoiningFake fake;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CompletableFuture<float[]> first;

  /** A device without trouble of its own that joins up to so many slots. */
  static JoinedCallers ofSlots(long slots) throws InterruptedException {
    return new JoinedCallers(true, limits(slots, Duration.ZERO), (batches, deadline) -> {});
  }

  /**
   * Makes the device busy.
   *
   * @param trouble once the first run may go on
   */
  JoinedCallers(boolean joinsRoles, JoinedRuns.Limits limits, JoiningFake.Trouble trouble)
      throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    fake =
        new JoiningFake(
            joinsRoles,
            (batches, deadline) -> {
              started.countDown();
              gate.await();
              trouble.on(batches, deadline);
            });
    runs = new JoinedRuns(fake, "joined", 1, limits);
    first = call(batch("a", 1, 10, 1));
    started.await();
  }

  static JoinedRuns.Limits limits(long slots, Duration delay) {
    return new JoinedRuns.Limits(slots, (rows, longest) -> 0, Long.MAX_VALUE, delay);
  }

  /** Rows of equal length that hold one id. */
  static TokenBatch batch(String role, int rows, int tokens, int id) {
    List<int[]> ids = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int[] row = new int[tokens];
      Arrays.fill(row, id);
      ids.add(row);
    }
    return new TokenBatch(role, ids, 0);
  }

  /** Checks what the fake answers to a batch. */
  static void assertRows(TokenBatch batch, float[] found) {
    float[] expected = new float[batch.rows().size() * FakeRunner.WIDTH];
    for (int i = 0; i < batch.rows().size(); i++) {
      float[] row = FakeRunner.expected(batch.rows().get(i));
      System.arraycopy(row, 0, expected, i * FakeRunner.WIDTH, FakeRunner.WIDTH);
    }
    assertArrayEquals(expected, found);
  }

  /** Calls from a thread of its own. */
  CompletableFuture<float[]> call(TokenBatch batch) {
    return CompletableFuture.supplyAsync(() -> runs.run(batch, Deadline.none()), threads);
  }

  /** Calls, and waits until the call is queued behind the busy device. */
  CompletableFuture<float[]> queue(TokenBatch batch) throws InterruptedException {
    int before = runs.waiting();
    CompletableFuture<float[]> call = call(batch);
    awaitWaiting(before + 1);
    return call;
  }

  /** Queues all, opens the gate, and checks that each gets its rows. */
  void queueAndAnswer(List<TokenBatch> batches) throws Exception {
    List<CompletableFuture<float[]>> calls = new ArrayList<>();
    for (TokenBatch batch : batches) {
      calls.add(queue(batch));
    }
    open();
    for (int i = 0; i < calls.size(); i++) {
      assertRows(batches.get(i), calls.get(i).get());
    }
  }

  void awaitWaiting(int calls) throws InterruptedException {
    while (runs.waiting() < calls) {
      Thread.sleep(1);
    }
  }

  /** Lets the first run, and all others, go on; waits for the first. */
  void open() throws Exception {
    gate.countDown();
    assertRows(batch("a", 1, 10, 1), first.get());
  }

  /** What ran behind the first run. */
  List<List<TokenBatch>> joined() {
    return fake.runs.subList(1, fake.runs.size());
  }

  @Override
  public void close() {
    gate.countDown();
    runs.close();
    threads.shutdownNow();
  }
}
