package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.internal.Lease;

/**
 * A native session of a model, and what every run on it needs: that it stays open meanwhile, and is
 * stopped when its deadline passes or its caller is interrupted. Thread-safe until closed.
 */
final class WatchedSession implements AutoCloseable {
  private final OrtSession session;
  private final NativeTensors constants;
  private final Lease lease = new Lease("model runner");
  private final RunWatchdog watchdog;

  /**
   * Takes over the session.
   *
   * @param constants what the session reads; closed after it
   */
  WatchedSession(OrtSession session, NativeTensors constants) {
    this.session = session;
    this.constants = constants;
    this.watchdog = new RunWatchdog(); // last: it starts a thread
  }

  /** One run, from feeding its inputs to reading its outputs. */
  @FunctionalInterface
  interface Run<T> {
    T on(OrtSession session, RunOptions options) throws OrtException;
  }

  /** What holds for every session. */
  static void configure(SessionOptions sessionOptions, RunnerOptions options) throws OrtException {
    sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    sessionOptions.setIntraOpNumThreads(options.intraOpThreads());
    sessionOptions.setInterOpNumThreads(1);
    // Patterns are kept for every shape ever met, and shapes hardly ever repeat.
    sessionOptions.setMemoryPatternOptimization(false);
    sessionOptions.addConfigEntry("session.disable_prepacking", options.prepacking() ? "0" : "1");
    options.provider().addTo(sessionOptions);
  }

  /**
   * Runs the model.
   *
   * @throws DeadlineExceededException if the deadline has passed or passes, or the caller is
   *     interrupted
   * @throws io.chasqui.BackendException if ONNX Runtime fails
   */
  <T> T run(Deadline deadline, Run<T> run) {
    return lease.during(() -> runLeased(deadline, run));
  }

  private <T> T runLeased(Deadline deadline, Run<T> run) {
    deadline.check("a run of the model");
    try (RunOptions options = new RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      RunWatchdog.Watch watch = watchdog.watch(options, deadline);
      try (watch) {
        return run.on(session, options);
      } catch (OrtException e) {
        if (watch.stopped()) {
          throw new DeadlineExceededException(
              Thread.currentThread().isInterrupted()
                  ? "interrupted during a run of the model"
                  : "deadline passed during a run of the model");
        }
        throw e;
      }
    } catch (OrtException e) {
      throw NativeErrors.translate("a run of the model", e);
    }
  }

  /** Waits for runs in flight. */
  @Override
  public void close() {
    lease.close(
        () -> {
          // Closed from the last to the first, and each of them whatever another one throws.
          try (constants;
              session) {
            watchdog.close();
          } catch (OrtException e) {
            throw NativeErrors.translate("closing the model", e);
          }
        });
  }
}
