package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A model that answers with a function of the ids alone, and fails where told to. */
final class FakeRunner implements ModelRunner {
  static final int WIDTH = 3;

  /** What happens before a batch is answered. */
  interface Trouble {
    void on(TokenBatch batch, Deadline deadline) throws InterruptedException;
  }

  final Queue<TokenBatch> batches = new ConcurrentLinkedQueue<>();
  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger mostRunning = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  private final Trouble trouble;
  private final int nanId;

  FakeRunner(Trouble trouble, int nanId) {
    this.trouble = trouble;
    this.nanId = nanId;
  }

  static FakeRunner healthy() {
    return new FakeRunner((batch, deadline) -> {}, -1);
  }

  /** Fails for want of memory above so many tokens, padding included. */
  static FakeRunner withMemoryFor(int tokens) {
    return new FakeRunner(
        (batch, deadline) -> {
          if (batch.rows().size() * batch.longest() > tokens) {
            throw new BackendException("cannot allocate", true);
          }
        },
        -1);
  }

  /** Answers NaN for rows that hold this id. */
  static FakeRunner withNanFor(int id) {
    return new FakeRunner((batch, deadline) -> {}, id);
  }

  /** Runs until stopped, as the contract of ModelRunner says. */
  static FakeRunner endless(CountDownLatch entered) {
    return new FakeRunner(
        (batch, deadline) -> {
          entered.countDown();
          new CountDownLatch(1).await();
        },
        -1);
  }

  @Override
  public int width(String role) {
    return WIDTH;
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    batches.add(batch);
    mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      trouble.on(batch, deadline);
      float[] out = new float[batch.rows().size() * WIDTH];
      for (int row = 0; row < batch.rows().size(); row++) {
        System.arraycopy(expected(batch.rows().get(row)), 0, out, row * WIDTH, WIDTH);
        if (Arrays.stream(batch.rows().get(row)).anyMatch(id -> id == nanId)) {
          out[row * WIDTH + 1] = Float.NaN;
        }
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlineExceededException("stopped");
    } finally {
      running.decrementAndGet();
    }
  }

  /** What the model answers for a row. */
  static float[] expected(int[] ids) {
    return new float[] {ids.length, ids[0], ids[ids.length - 1]};
  }

  /** Rows of all batches that were asked for, in any order. */
  List<int[]> rowsSeen() {
    return batches.stream().flatMap(batch -> batch.rows().stream()).toList();
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
