package io.chasqui.onnx;

import java.util.List;
import java.util.Optional;

/** Tokens that a layer's output is computed for: all, or the pooled one of each row. */
final class TokenSet {
  private final OnnxGraph graph;
  private final String name;
  private final String positions;
  private final Optional<String> owners;
  private final Optional<String> slots;

  private TokenSet(
      OnnxGraph graph,
      String name,
      String positions,
      Optional<String> owners,
      Optional<String> slots) {
    this.graph = graph;
    this.name = name;
    this.positions = positions;
    this.owners = owners;
    this.slots = slots;
  }

  /**
   * All tokens.
   *
   * @param positions [tokens]
   * @param owners adapter of each, [tokens]
   */
  static TokenSet all(OnnxGraph graph, String positions, Optional<String> owners) {
    return new TokenSet(graph, "all", positions, owners, Optional.empty());
  }

  /** The one token of each row that is pooled. */
  TokenSet pooled() {
    return new TokenSet(
        graph,
        "pooled",
        gather(positions, DecoderGraph.POOLED_TOKENS),
        owners.map(all -> gather(all, DecoderGraph.POOLED_TOKENS)),
        Optional.of(gather(DecoderGraph.TOKEN_SLOTS, DecoderGraph.POOLED_TOKENS)));
  }

  String name() {
    return name;
  }

  /** Of each token in its row, [tokens]. */
  String positions() {
    return positions;
  }

  /** The adapter of each token, [tokens]. */
  Optional<String> owners() {
    return owners;
  }

  /** The lines of these tokens among the lines of all. */
  String of(String x) {
    return slots.isPresent() ? gather(x, DecoderGraph.POOLED_TOKENS) : x;
  }

  /** What an input says of the slots of these tokens: [rows, 1, queries, 1]. */
  String perQuery(String input) {
    String ofRows =
        slots.isEmpty()
            ? input
            : graph.node(
                "Unsqueeze",
                List.of(
                    gather(graph.node("Reshape", List.of(input, "flat")), slots.get()), "axis_1"));
    return graph.node("Unsqueeze", List.of(ofRows, "axes_1_3"));
  }

  /** Lines of these tokens as attention sees them: [rows, queries, width]. */
  String toSlots(String x) {
    return slots.isPresent()
        ? graph.node("Unsqueeze", List.of(x, "axis_1"))
        : gather(x, DecoderGraph.SLOTS);
  }

  /** Back from {@link #toSlots}: [tokens, width of all query heads]. */
  String fromSlots(String x) {
    String lines = graph.node("Reshape", List.of(x, "vector"));
    return slots.isPresent() ? lines : gather(lines, DecoderGraph.TOKEN_SLOTS);
  }

  private String gather(String data, String indices) {
    return graph.node("Gather", List.of(data, indices));
  }
}
