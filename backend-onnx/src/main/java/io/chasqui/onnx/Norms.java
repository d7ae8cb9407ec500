package io.chasqui.onnx;

import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph's root-mean-square norms, computed in 32 bit whatever the type of their inputs. Where
 * weights are stored less one, the one is added while the session loads. Confined to one thread.
 */
final class Norms {
  private final OnnxGraph graph;
  private final ModelConfig config;
  private final BaseWeights weights;
  private final ComputeType type;
  private final boolean widened;
  private final Map<String, String> gains = new HashMap<>();

  Norms(OnnxGraph graph, ModelConfig config, BaseWeights weights, ComputeType type) {
    this.graph = graph;
    this.config = config;
    this.weights = weights;
    this.type = type;
    // 1 + weight has no exact 16-bit form, so norms with it are written in 32 bit as a whole.
    this.widened = type.is16Bit() && config.block().shiftedNorms();
  }

  /** The last dimension normalised. */
  String normed(String x, String path) {
    String normed =
        graph.node(
            "RMSNormalization", // in 32 bit inside: stash_type is 1
            List.of(widened ? graph.cast(x, OnnxType.FLOAT) : x, gain(path)),
            new Attribute.Int("axis", -1),
            new Attribute.Real("epsilon", config.normEpsilon()));
    return widened ? graph.cast(normed, type.onnx()) : normed;
  }

  /** x + residual, and that normalised. */
  Sum addAndNorm(String x, String residual, String path) {
    if (widened) {
      String sum = graph.node("Add", List.of(x, residual));
      return new Sum(normed(sum, path), sum);
    }
    List<String> both =
        graph.node(
            OnnxGraph.MICROSOFT,
            "SkipSimplifiedLayerNormalization",
            List.of(x, residual, gain(path)),
            List.of(true, false, false, true),
            new Attribute.Real("epsilon", config.normEpsilon()));
    return new Sum(both.get(0), both.get(1));
  }

  private String gain(String path) {
    return gains.computeIfAbsent(
        path,
        key -> {
          String stored = weights.as(path + ".weight", widened ? OnnxType.FLOAT : type.onnx());
          return config.block().shiftedNorms() ? graph.node("Add", List.of(stored, "one")) : stored;
        });
  }

  /**
   * A sum.
   *
   * @param normed after the norm
   * @param sum before it
   */
  record Sum(String normed, String sum) {}
}
