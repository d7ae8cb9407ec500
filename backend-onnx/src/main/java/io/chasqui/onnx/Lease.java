package io.chasqui.onnx;

import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What keeps a native handle alive while it is used: uses may overlap, and closing refuses new ones
 * and waits for those in flight. Thread-safe.
 */
final class Lease {
  private final String handle;
  private final AtomicBoolean closing = new AtomicBoolean();
  // One party is the handle itself; each use is one more. Over as soon as all have left.
  private final Phaser uses = new Phaser(1);

  /**
   * @param handle what is guarded, for messages: "model session"
   */
  Lease(String handle) {
    this.handle = handle;
  }

  /**
   * Begins a use.
   *
   * @return ends it; close it exactly once
   * @throws IllegalStateException after close
   */
  Use acquire() {
    if (closing.get() || uses.register() < 0) {
      throw new IllegalStateException(handle + " is closed");
    }
    if (closing.get()) { // began to close between the two
      uses.arriveAndDeregister();
      throw new IllegalStateException(handle + " is closed");
    }
    return uses::arriveAndDeregister;
  }

  /**
   * Refuses new uses and waits for those in flight; then, for the first caller alone, releases.
   * Later callers wait until no use is left, too.
   */
  void close(Runnable release) {
    boolean first = closing.compareAndSet(false, true);
    if (first) {
      uses.arriveAndDeregister();
    }
    boolean interrupted = awaitUses();
    if (first) {
      release.run();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isClosed() {
    return closing.get();
  }

  private boolean awaitUses() {
    boolean interrupted = false;
    while (!uses.isTerminated()) {
      try {
        uses.awaitAdvanceInterruptibly(0);
      } catch (InterruptedException e) {
        interrupted = true; // freeing what native code still reads is no option
      }
    }
    return interrupted;
  }

  /** A use of the handle. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }
}
