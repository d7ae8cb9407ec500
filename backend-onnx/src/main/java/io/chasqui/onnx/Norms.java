package io.chasqui.onnx;

import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph's root-mean-square norms. Where weights are stored less one, the one is added while the
 * session loads. Confined to one thread.
 */
final class Norms {
  private final OnnxGraph graph;
  private final ModelConfig config;
  private final BaseWeights weights;
  private final Map<String, String> gains = new HashMap<>();

  Norms(OnnxGraph graph, ModelConfig config, BaseWeights weights) {
    this.graph = graph;
    this.config = config;
    this.weights = weights;
  }

  /** The last dimension normalised. */
  String normed(String x, String path) {
    return graph.node(
        "RMSNormalization",
        List.of(x, gain(path)),
        new Attribute.Int("axis", -1),
        new Attribute.Real("epsilon", config.normEpsilon()));
  }

  /** x + residual, and that normalised. */
  Sum addAndNorm(String x, String residual, String path) {
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
          String stored = weights.floats(path + ".weight");
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
