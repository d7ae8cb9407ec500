package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import io.chasqui.BackendException;
import java.util.Locale;

/** What ONNX Runtime's errors mean to a caller. */
final class NativeErrors {
  private NativeErrors() {}

  /**
   * The typed form of a native error; {@code retryable()} if memory ran out.
   *
   * @param doing what failed: "a run of the model"
   */
  static BackendException translate(String doing, OrtException error) {
    String message = String.valueOf(error.getMessage());
    boolean memory = isOutOfMemory(message.toLowerCase(Locale.ROOT));
    return new BackendException(
        doing
            + (memory ? " ran out of memory" : " failed")
            + " (ONNX Runtime: "
            + error.getCode()
            + ", "
            + message
            + ")",
        memory,
        error);
  }

  private static boolean isOutOfMemory(String message) {
    return message.contains("failed to allocate memory")
        || message.contains("out of memory")
        || message.contains("bad_alloc")
        || message.contains("bad allocation");
  }
}
