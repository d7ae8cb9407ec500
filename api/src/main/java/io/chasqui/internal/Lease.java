package io.chasqui.internal;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * What keeps a handle's native memory alive while it is used: {@link #close} refuses new calls,
 * waits for those in flight and only then releases. Thread-safe.
 *
 * <pre>{@code
 * int[] encode(String text) {
 *   return lease.during(() -> nativeEncode(pointer, text));
 * }
 *
 * public void close() {
 *   lease.close(() -> nativeFree(pointer));
 * }
 * }</pre>
 *
 * <p>A call must not close the handle that it uses: it would wait for itself.
 */
public final class Lease {
  private enum State {
    OPEN,
    CLOSING,
    CLOSED
  }

  private final String handle;
  private final Object lock = new Object();
  private State state = State.OPEN;
  private int inFlight;

  /**
   * A lease on an open handle.
   *
   * @param handle names it in messages: "tokenizer of models/llama-7b"
   */
  public Lease(String handle) {
    this.handle = Objects.requireNonNull(handle, "handle");
  }

  /**
   * A call that uses the handle.
   *
   * @param <T> what it returns
   * @param <X> the checked exception that it throws, or RuntimeException
   */
  @FunctionalInterface
  public interface Use<T, X extends Exception> {
    T run() throws X;
  }

  /**
   * Runs a call while the handle is kept open.
   *
   * @throws IllegalStateException naming the handle, if it is closed or being closed
   * @throws X whatever the call throws
   */
  public <T, X extends Exception> T during(Use<T, X> use) throws X {
    synchronized (lock) {
      checkOpen();
      inFlight++;
    }
    try {
      return use.run();
    } finally {
      synchronized (lock) {
        inFlight--;
        if (inFlight == 0) {
          lock.notifyAll();
        }
      }
    }
  }

  /**
   * Returns if the handle is open.
   *
   * @throws IllegalStateException naming the handle, if it is closed or being closed
   */
  public void checkOpen() {
    synchronized (lock) {
      if (state != State.OPEN) {
        throw new IllegalStateException(handle + " is closed");
      }
    }
  }

  /** Whether {@link #close} has begun. */
  public boolean isClosed() {
    synchronized (lock) {
      return state != State.OPEN;
    }
  }

  /**
   * Refuses new calls, waits for those in flight, then runs {@code release}, once. Returns when the
   * handle is released, whoever released it. An interrupt does not cut the wait short; the flag is
   * kept.
   */
  public void close(Runnable release) {
    synchronized (lock) {
      if (state != State.OPEN) {
        awaitUninterruptibly(() -> state == State.CLOSED);
        return;
      }
      state = State.CLOSING;
      awaitUninterruptibly(() -> inFlight == 0);
    }
    try {
      release.run();
    } finally {
      synchronized (lock) {
        state = State.CLOSED;
        lock.notifyAll();
      }
    }
  }

  private void awaitUninterruptibly(BooleanSupplier reached) {
    boolean interrupted = false;
    while (!reached.getAsBoolean()) {
      try {
        lock.wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "Lease[" + handle + "]";
  }
}
