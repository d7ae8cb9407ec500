package io.chasqui.onnx;

import io.chasqui.DeadlineExceededException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * A budget of bytes that the running calls of one session share. Whoever needs more than is left
 * waits, first come, first served. Thread-safe.
 */
final class MemoryGate {
  private static final long UNIT = 1 << 16; // bytes of a permit: an int of them is 128 TiB

  private final long budget;
  private final boolean counts;
  private final Semaphore permits;

  MemoryGate(long budget) {
    this(budget, true);
  }

  private MemoryGate(long budget, boolean counts) {
    this.budget = budget;
    this.counts = counts;
    this.permits = new Semaphore(units(budget), true);
  }

  /** At which nobody waits: calls queue behind it, and are held to the budget there. */
  static MemoryGate waitingBehind(long budget) {
    return new MemoryGate(budget, false);
  }

  /** Bytes in all. */
  long budget() {
    return budget;
  }

  /**
   * Runs a call while its bytes are set aside; one that needs the whole budget or more runs alone.
   *
   * @throws DeadlineExceededException if the thread is interrupted while it waits
   */
  <T> T during(long bytes, Supplier<T> call) {
    if (!counts) {
      return call.get();
    }
    int units = units(Math.min(bytes, budget));
    try {
      permits.acquire(units);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlineExceededException("interrupted while waiting for memory");
    }
    try {
      return call.get();
    } finally {
      permits.release(units);
    }
  }

  private static int units(long bytes) {
    return Math.toIntExact(Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT)));
  }
}
