package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.chasqui.BackendException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeErrorsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "BFCArena::AllocateRawInternal Available memory of 16 is smaller than requested bytes of 32",
        "Failed to allocate memory for requested buffer of size 5000",
        "Failed to find a free memory block despite calling Extend. rounded_bytes=256",
        "CUDA failure 2: out of memory ; GPU=0",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
        "std::bad_alloc"
      })
  void memoryThatRanOutMayBeTriedAgainWithLess(String message) {
    BackendException error = NativeErrors.translate("a run", new OrtException(message));
    assertTrue(error.retryable(), message);
    assertTrue(String.valueOf(error.getMessage()).contains(message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA failure 700: an illegal memory access was encountered ; GPU=0",
        "invalid dimensions for input",
        "CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0"
      })
  void otherFailuresMayNot(String message) {
    assertFalse(NativeErrors.translate("a run", new OrtException(message)).retryable(), message);
  }
}
