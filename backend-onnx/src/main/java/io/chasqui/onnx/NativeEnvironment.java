package io.chasqui.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.chasqui.NoBackendException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's process-wide environment. It is quiet: messages come back in exceptions, and
 * nothing goes to the error stream.
 *
 * <p>It is made on a thread with a large stack. While it is made, ONNX Runtime 1.29 matches the
 * process's command line against a regular expression, recursing for every character; on an
 * ordinary thread a class path of 4,000 characters overflows the stack and ends the JVM.
 */
final class NativeEnvironment {
  /** Virtual memory, of which a command line of 100,000 characters touches a tenth. */
  private static final long STACK_BYTES = 512L << 20;

  private static @Nullable OrtEnvironment environment;

  private NativeEnvironment() {}

  /**
   * The environment; made by the first call.
   *
   * @throws LinkageError if the native libraries do not load
   */
  static synchronized OrtEnvironment get() {
    if (environment == null) {
      environment = startOnLargeStack();
    }
    return environment;
  }

  private static OrtEnvironment startOnLargeStack() {
    FutureTask<OrtEnvironment> start = new FutureTask<>(NativeEnvironment::start);
    Thread thread = new Thread(null, start, "chasqui-onnxruntime-start", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return start.get();
        } catch (InterruptedException e) {
          interrupted = true; // half a start cannot be taken back
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw new NoBackendException("ONNX Runtime does not start: " + e.getCause(), e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static OrtEnvironment start() {
    Telemetry.switchOff();
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "chasqui");
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw NativeErrors.translate("switching telemetry off", e);
    }
    return environment;
  }
}
