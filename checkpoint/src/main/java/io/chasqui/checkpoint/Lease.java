package io.chasqui.checkpoint;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The right to use native memory: many users at a time, none once it is closed. Closing waits for
 * users in flight and refuses new ones at once. Thread-safe.
 */
final class Lease {
  private final String handle;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean closed;
  private boolean released; // guarded by the write lock

  /**
   * @param handle what is leased, for messages: "tokenizer models/llama-7b"
   */
  Lease(String handle) {
    this.handle = handle;
  }

  /**
   * What {@code use} returns, while nobody can close.
   *
   * @throws IllegalStateException if it is closed
   */
  <T> T call(Supplier<T> use) {
    requireOpen();
    lock.readLock().lock();
    try {
      requireOpen();
      return use.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Runs {@code release} when no user is left; later calls do nothing but wait for that.
   *
   * @throws IllegalStateException if called by a user of the lease, who would wait for itself
   */
  void close(Runnable release) {
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

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(handle + " is closed");
    }
  }
}
