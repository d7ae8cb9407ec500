package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import io.chasqui.BackendException;
import java.util.List;
import java.util.Locale;

/** What ONNX Runtime's errors mean to a caller. */
final class NativeErrors {
  private static final List<String> OUT_OF_MEMORY =
      List.of(
          "failed to allocate memory",
          "out of memory",
          "out_of_memory",
          "bad_alloc",
          "bad allocation",
          "smaller than requested bytes", // the arena's limit is reached
          "failed to find a free memory block",
          "alloc_failed"); // CUBLAS_STATUS_ALLOC_FAILED

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
    return OUT_OF_MEMORY.stream().anyMatch(message::contains);
  }
}
