package io.chasqui.onnx;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's telemetry. As its makers build it for Linux and macOS from 1.29 on, it writes an
 * identifier below the home folder and reports each process to them, and {@code setTelemetry} comes
 * too late for that: only an environment variable stops it.
 *
 * @see <a href="https://github.com/microsoft/onnxruntime/blob/v1.29.0/docs/Privacy.md">Privacy</a>
 */
final class Telemetry {
  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
  private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";

  private Telemetry() {}

  /**
   * Sets the variable for native code of this process, unless the user has set it. Before ONNX
   * Runtime's environment is made.
   */
  static void switchOff() {
    if (Platform.isWindows() || System.getenv(VARIABLE) != null) {
      return; // Windows' own tracing decides there
    }
    try {
      int failed =
          NativeLibrary.getProcess()
              .getFunction("setenv")
              .invokeInt(new Object[] {VARIABLE, "1", 1});
      if (failed != 0) {
        LOG.warn("ONNX Runtime may report this process to Microsoft: set {}=1", VARIABLE);
      }
    } catch (LinkageError e) {
      LOG.warn("ONNX Runtime may report this process to Microsoft: set {}=1", VARIABLE, e);
    }
  }
}
