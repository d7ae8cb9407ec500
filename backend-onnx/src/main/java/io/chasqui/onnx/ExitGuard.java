package io.chasqui.onnx;

import io.chasqui.internal.Lease;
import java.util.HashSet;
import java.util.Set;

/**
 * What lets the JVM exit while models load and run. {@code System.exit} runs the destructors of
 * native libraries under the feet of threads that are still in them; so a shutdown hook, added with
 * the first session, stops what runs, waits for what loads, and lets nothing new in. Thread-safe.
 */
final class ExitGuard {
  private static final Lease JVM = new Lease("the JVM");
  private static final Set<RunQueue> QUEUES = new HashSet<>();
  private static boolean hooked;

  private ExitGuard() {}

  /**
   * Loads something while the JVM does not exit.
   *
   * @throws IllegalStateException if it is exiting
   */
  static <T, X extends Exception> T loading(Lease.Use<T, X> load) throws X {
    hook();
    return JVM.during(load);
  }

  private static void hook() {
    synchronized (QUEUES) {
      if (!hooked) {
        JVM.checkOpen();
        Runtime.getRuntime().addShutdownHook(new Thread(ExitGuard::exit, "chasqui-onnx-exit"));
        hooked = true;
      }
    }
  }

  private static void exit() {
    JVM.close(
        () -> {
          Set<RunQueue> open;
          synchronized (QUEUES) {
            open = Set.copyOf(QUEUES);
          }
          open.forEach(RunQueue::abandon);
        });
  }

  /** A queue whose runs are to be stopped at exit. */
  static void add(RunQueue queue) {
    synchronized (QUEUES) {
      QUEUES.add(queue);
    }
  }

  /** No longer: it is closed. */
  static void remove(RunQueue queue) {
    synchronized (QUEUES) {
      QUEUES.remove(queue);
    }
  }
}
