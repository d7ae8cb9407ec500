package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How sessions use a CUDA device.
 *
 * @see <a href="https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html">CUDA
 *     Execution Provider</a>
 */
final class CudaProvider {
  private CudaProvider() {}

  /** Adds the device to a session's options. */
  static void addTo(SessionOptions session, int ordinal, long memoryLimit) throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(ordinal)) {
      for (Map.Entry<String, String> setting : settings(memoryLimit).entrySet()) {
        cuda.add(setting.getKey(), setting.getValue());
      }
      session.addCUDA(cuda);
    }
  }

  /**
   * The provider's settings.
   *
   * @param memoryLimit bytes of its arena, 0 for no limit
   */
  static Map<String, String> settings(long memoryLimit) {
    Map<String, String> settings = new LinkedHashMap<>();
    // By default fp32 products are rounded to TF32's 10 bits, a thousand times coarser.
    settings.put("use_tf32", "0");
    // The sum of squares of a 16-bit norm in 32 bit.
    settings.put("enable_skip_layer_norm_strict_mode", "1");
    // Doubling instead would take the whole device for a model of a little more than half of it.
    settings.put("arena_extend_strategy", "kSameAsRequested");
    if (memoryLimit > 0) {
      settings.put("gpu_mem_limit", Long.toString(memoryLimit));
    }
    return settings;
  }
}
