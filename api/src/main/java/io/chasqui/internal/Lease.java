package io.chasqui.internal;

import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

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
 * <p>A call that closes the handle that it uses gets an {@code IllegalStateException}: it would
 * wait for itself.
 */
public final class Lease {
  private final String handle;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean closed;
  private boolean released; // guarded by the write lock

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
    checkOpen(); // not behind a closer that waits
    lock.readLock().lock();
    try {
      checkOpen();
      return use.run();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Returns if the handle is open.
   *
   * @throws IllegalStateException naming the handle, if it is closed or being closed
   */
  public void checkOpen() {
    if (closed) {
      throw new IllegalStateException(handle + " is closed");
    }
  }

  /** Whether {@link #close} has begun. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Refuses new calls, waits for those in flight, then runs {@code release}, once. Returns when the
   * handle is released, whoever released it. An interrupt does not cut the wait short; the flag is
   * kept.
   *
   * @throws IllegalStateException if called by a call that uses the handle, which stays open
   */
  public void close(Runnable release) {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException(handle + " can't be closed by a call that uses it");
    }
    closed = true;
    lock.writeLock().lock();
    try {
      if (!released) {
        released = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "Lease[" + handle + "]";
  }
}
