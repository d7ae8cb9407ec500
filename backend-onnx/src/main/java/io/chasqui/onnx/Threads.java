package io.chasqui.onnx;

import java.util.List;

/** Threads that a session owns. */
final class Threads {
  private Threads() {}

  /** Waits until all have ended, interrupted or not; an interrupt is kept for the caller. */
  static void awaitEnd(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
