package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.onnx.OnnxOptions.Weights;
import java.util.Map;
import java.util.Objects;

/**
 * Whether a session's weights are copied into the kernels' layout or stay mapped, and why. What
 * {@link Weights#AUTO} stands for is decided here. Immutable.
 *
 * @param weights {@link Weights#MAPPED} or {@link Weights#COPIED}
 * @param reason for the log
 */
record WeightPlacement(Weights weights, String reason) {
  /** A copy may be this part of the machine's memory: several models and their heaps fit beside. */
  static final int MACHINE_SHARE = 16;

  /**
   * No copy is larger, however large the machine: it is made anew by each process at each start.
   */
  static final long LARGEST_COPY = 2L << 30;

  private static final int MEGABYTE = 1_000_000;

  /**
   * What a copy is.
   *
   * @param bytes that it takes at 32 bit
   * @param free whether it replaces what would be in private memory anyway
   * @param exported whether it is of an exported graph
   */
  record Copy(long bytes, boolean free, boolean exported) {
    /** Of a bundle's weights: those of linear layers. Embeddings are read in place. */
    static Copy of(ModelBundle bundle) {
      if (bundle.graph().isPresent()) {
        OnnxFile.Weights weights = bundle.graph().get().weights();
        // Integer kernels are many times slower without; what the .onnx itself holds is not mapped.
        boolean free = weights.quantised() || weights.mappableBytes() == 0;
        return new Copy(weights.mappableBytes(), free, true);
      }
      Map<String, TensorInfo> stored = bundle.weights().all();
      long elements = 0;
      for (Map.Entry<String, String> part : bundle.layout().all().entrySet()) {
        TensorInfo tensor = Objects.requireNonNull(stored.get(part.getValue()));
        if (part.getKey().startsWith("layers.") && tensor.shape().size() == 2) {
          elements += tensor.elements();
        }
      }
      return new Copy(elements * Float.BYTES, false, false);
    }
  }

  /**
   * Decides.
   *
   * @param wish of the options
   * @param machineMemory in bytes, the container's if there is one
   */
  static WeightPlacement of(Weights wish, Device device, Copy copy, long machineMemory) {
    if (copy.free()) {
      return new WeightPlacement(Weights.COPIED, "mapping them gains nothing");
    }
    if (wish != Weights.AUTO) {
      return new WeightPlacement(wish, "as asked for");
    }
    if (!(device instanceof Device.Cpu)) {
      // ONNX Runtime's own choice for graphs of others, some of whose kernels there want it.
      Weights usual = copy.exported() ? Weights.COPIED : Weights.MAPPED;
      return new WeightPlacement(usual, "they go to the device");
    }
    long limit = Math.min(LARGEST_COPY, machineMemory / MACHINE_SHARE);
    String sizes =
        "a copy takes %d MB, and up to %d MB are copied"
            .formatted(copy.bytes() / MEGABYTE, limit / MEGABYTE);
    return new WeightPlacement(copy.bytes() <= limit ? Weights.COPIED : Weights.MAPPED, sizes);
  }

  @Override
  public String toString() {
    return (weights == Weights.COPIED ? "copied" : "mapped") + " (" + reason + ")";
  }
}
