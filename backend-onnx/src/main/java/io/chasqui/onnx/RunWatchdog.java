package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import io.chasqui.Deadline;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops native runs whose deadline passes or whose caller is interrupted: native code notices
 * neither by itself. One daemon thread looks at the runs in flight every few milliseconds, and
 * sleeps while there are none. A run ends between two operators. Thread-safe.
 */
final class RunWatchdog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatchdog.class);
  private static final long LOOK_NANOS = 2_000_000;

  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean asleep; // until it is woken
  private volatile boolean closed;

  RunWatchdog() {
    thread = new Thread(this::look, "chasqui-run-watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  /** Watches a run of the calling thread until the watch is closed. */
  Watch watch(RunOptions options, Deadline deadline) {
    Watch watch = new Watch(options, deadline, Thread.currentThread());
    watches.add(watch);
    if (asleep) {
      LockSupport.unpark(thread);
    }
    return watch;
  }

  private void look() {
    while (!closed) {
      asleep = true;
      if (watches.isEmpty()) { // looked at after asleep is set: no watch is missed
        LockSupport.park(this);
        asleep = false;
      } else {
        asleep = false;
        watches.forEach(Watch::look);
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
    }
  }

  /** Ends the thread; to be called when no run is left. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** One run in flight. */
  final class Watch implements AutoCloseable {
    private final RunOptions options;
    private final Deadline deadline;
    private final Thread caller;
    private boolean over; // guarded by this: options must not be touched once they are closed
    private volatile boolean stopped;

    private Watch(RunOptions options, Deadline deadline, Thread caller) {
      this.options = options;
      this.deadline = deadline;
      this.caller = caller;
    }

    /** Whether the run was told to stop. */
    boolean stopped() {
      return stopped;
    }

    private synchronized void look() {
      if (over || stopped || !(deadline.hasPassed() || caller.isInterrupted())) {
        return;
      }
      stopped = true;
      try {
        options.setTerminate(true);
      } catch (OrtException e) {
        LOG.warn("a run of the model could not be stopped", e);
      }
    }

    @Override
    public void close() {
      watches.remove(this);
      synchronized (this) {
        over = true;
      }
    }
  }
}
