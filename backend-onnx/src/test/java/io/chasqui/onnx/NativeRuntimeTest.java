package io.chasqui.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.NoBackendException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeRuntimeTest {
  @ParameterizedTest
  @ValueSource(strings = {"1.20.0", "1.22.0", "1.28.9", "0.99"})
  void olderLibrariesAreRefusedWithTheirVersion(String found) {
    NoBackendException e =
        assertThrows(NoBackendException.class, () -> NativeRuntime.requireBuiltVersion(found));
    assertTrue(e.getMessage().contains("found ONNX Runtime " + found), e.getMessage());
    assertTrue(e.getMessage().contains("chasqui-bom"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.29.0", "1.29.1", "1.30.0", "1.100.0", "2.0.0", "1.29.0-rc1"})
  void sameAndNewerAreTaken(String found) {
    assertDoesNotThrow(() -> NativeRuntime.requireBuiltVersion(found));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Failed to find CUDA shared provider|onnxruntime_gpu:1.29.0",
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12:"
            + " cannot open shared object file|cuDNN 9",
        "CUDA failure 100: no CUDA-capable device is detected|nvidia-smi"
      })
  void absentCudaSaysWhatIsMissing(String message, String advice) {
    String objection = NativeRuntime.explainCuda(1, message);
    assertTrue(objection.startsWith("CUDA device 1: "), objection);
    assertTrue(objection.contains(advice), objection);
    assertTrue(objection.endsWith("ONNX Runtime says: " + message), objection);
  }

  @Test
  void cudaAskedForAndAbsentIsAnErrorAndNoSilentCpu() {
    NoBackendException e =
        assertThrows(
            NoBackendException.class,
            () -> DeviceChoice.resolve(Device.cuda(2), n -> Optional.of("no device " + n)));
    assertEquals("no device 2", e.getMessage());
  }

  @Test
  void severalGpusAreTakenTogetherOrNotAtAll() {
    Device pair = Device.cuda(0, 1);
    assertEquals(pair, DeviceChoice.resolve(pair, n -> Optional.empty()));
    NoBackendException e =
        assertThrows(
            NoBackendException.class,
            () ->
                DeviceChoice.resolve(
                    pair, n -> n == 1 ? Optional.of("no device 1") : Optional.empty()));
    assertEquals("no device 1", e.getMessage());
  }

  @Test
  void autoSaysOnceWhatItTakes() {
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    try {
      DeviceChoice.resolve(Device.auto(), n -> Optional.of("no library"));
      DeviceChoice.resolve(Device.auto(), n -> Optional.of("no library"));
    } finally {
      System.setErr(err);
    }
    long said = log.toString(UTF_8).lines().filter(l -> l.contains("Device.auto()")).count();
    assertTrue(said <= 1, log.toString(UTF_8)); // or another test had it said before
  }

  @Test
  void autoIsAWishThatIsAlwaysGranted() {
    assertEquals(Device.cpu(), DeviceChoice.resolve(Device.auto(), n -> Optional.of("no library")));
    assertEquals(Device.cuda(0), DeviceChoice.resolve(Device.auto(), n -> Optional.empty()));
    assertEquals(
        Device.cpu(3),
        DeviceChoice.resolve(
            Device.cpu(3),
            n -> {
              throw new AssertionError("a plain CPU probes nothing");
            }));
  }
}
