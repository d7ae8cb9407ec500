package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.onnx.OnnxOptions.Precision;
import io.chasqui.onnx.RunnerOptions.Kernels;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What options come to on CUDA; no device is touched. */
class CudaOptionsTest {
  private static final OnnxOptions DEFAULTS = OnnxOptions.defaults();

  private static RunnerOptions runner(Device device, OnnxOptions options) {
    return Schedule.of(device, options, (rows, longest) -> 0).runnerOptions(device, options);
  }

  @Test
  void cudaTakesTheStoredTypeAndTheCpu32Bit() {
    assertEquals(Optional.empty(), runner(Device.cuda(0), DEFAULTS).type());
    assertEquals(Kernels.GROUPED_IN_16_BIT, runner(Device.cuda(0), DEFAULTS).kernels());
    assertEquals(Optional.of(ComputeType.FLOAT), runner(Device.cpu(2), DEFAULTS).type());
    assertEquals(Kernels.STANDARD, runner(Device.cpu(2), DEFAULTS).kernels());
  }

  @Test
  void aPrecisionThatWasGivenIsTaken() {
    Device cuda = Device.cuda(0);
    assertEquals(
        Optional.of(ComputeType.BFLOAT16),
        runner(cuda, DEFAULTS.withPrecision(Precision.BF16)).type());
    assertEquals(
        Optional.of(ComputeType.FLOAT),
        runner(cuda, DEFAULTS.withPrecision(Precision.FP32)).type());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> runner(Device.cpu(1), DEFAULTS.withPrecision(Precision.BF16)));
    assertTrue(String.valueOf(e.getMessage()).contains("BF16"), e.getMessage());
  }

  @Test
  void oneThreadRunsACudaSession() {
    assertEquals(1, Schedule.of(Device.cuda(0), DEFAULTS, (rows, longest) -> 0).parallelCalls());
  }

  @Test
  void aCallOnCudaIsNoLongerThanItsKernelsCanLaunch() {
    OnnxOptions most = DEFAULTS.withMaxBatchTokens(65_535);
    assertEquals(
        65_535, Schedule.of(Device.cuda(0), most, (rows, longest) -> 0).planner().maxTokens());
    OnnxOptions more = DEFAULTS.withMaxBatchTokens(65_536);
    assertThrows(
        IllegalArgumentException.class,
        () -> Schedule.of(Device.cuda(0), more, (rows, longest) -> 0));
  }

  @Test
  void memoryIsLimitedOnlyIfAsked() {
    Map<String, String> limited = CudaProvider.settings(1L << 33);
    assertEquals("8589934592", limited.get("gpu_mem_limit"));
    assertEquals("0", limited.get("use_tf32"));
    assertEquals("1", limited.get("enable_skip_layer_norm_strict_mode"));
    assertFalse(CudaProvider.settings(0).containsKey("gpu_mem_limit"));
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.withDeviceMemory(-1));
  }

  @Test
  void theMissingLibraryIsNamed() {
    String said =
        NativeRuntime.explainCuda(
            0,
            "Failed to load library libonnxruntime_providers_cuda.so with error:"
                + " libcublasLt.so.12: cannot open shared object file: No such file or directory");
    assertTrue(said.contains("a library is missing, libcublasLt.so.12:"), said);
  }
}
