package io.chasqui;

import java.time.Duration;
import java.util.Optional;

/**
 * The moment until which a caller waits. Stages share one deadline; a native run that passes it is
 * stopped. Immutable; measured on the monotonic clock.
 */
public final class Deadline {
  private static final Deadline NONE = new Deadline(false, 0);

  private final boolean limited;
  private final long nanoTime;

  private Deadline(boolean limited, long nanoTime) {
    this.limited = limited;
    this.nanoTime = nanoTime;
  }

  /** Waits as long as it takes. */
  public static Deadline none() {
    return NONE;
  }

  /**
   * A deadline this far from now.
   *
   * @throws IllegalArgumentException if {@code time} is negative
   */
  public static Deadline after(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("deadline must not be negative: " + time);
    }
    long nanos = time.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE / 2 : time.toNanos();
    return new Deadline(true, System.nanoTime() + nanos);
  }

  /** Time left, zero if it has passed; empty if there is no limit. */
  public Optional<Duration> remaining() {
    return limited
        ? Optional.of(Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime())))
        : Optional.empty();
  }

  public boolean hasPassed() {
    return limited && nanoTime - System.nanoTime() <= 0;
  }

  /**
   * Returns if there is time left.
   *
   * @param doing what would have come next, for the message: "reranking 200 passages"
   * @throws DeadlineExceededException if the deadline has passed or the thread is interrupted
   */
  public void check(String doing) {
    if (Thread.currentThread().isInterrupted()) {
      throw new DeadlineExceededException("interrupted before " + doing);
    }
    if (hasPassed()) {
      throw new DeadlineExceededException("deadline passed before " + doing);
    }
  }

  @Override
  public String toString() {
    return remaining().map(left -> "Deadline[" + left + " left]").orElse("Deadline[none]");
  }
}
