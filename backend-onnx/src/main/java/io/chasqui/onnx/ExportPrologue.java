package io.chasqui.onnx;

import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.util.List;

/**
 * What a graph for others begins with: from {@code input_ids} and {@code attention_mask}, [batch,
 * sequence], padded on either side, it computes what {@link PackedBatch} computes in Java. So the
 * exported graph too spends nothing on padding. Confined to one thread.
 */
final class ExportPrologue {
  private final OnnxGraph graph;
  private final ModelConfig config;
  private final Role role;

  private ExportPrologue(OnnxGraph graph, ModelConfig config, Role role) {
    this.graph = graph;
    this.config = config;
    this.role = role;
  }

  /**
   * Writes the prologue.
   *
   * @param adapter number that the role's rows are marked with, if there are adapters at all
   */
  static void write(OnnxGraph graph, ModelConfig config, Role role, int adapter) {
    new ExportPrologue(graph, config, role).write(adapter);
  }

  private void write(int adapter) {
    graph.input(GraphInputs.IDS, OnnxType.INT64, "batch", "sequence");
    graph.input(GraphInputs.MASK, OnnxType.INT64, "batch", "sequence");
    graph.constant("export_flat", -1);
    graph.constant("export_axis_0", 0);
    graph.constant("export_axis_1", 1);
    graph.constant("export_last", -1);
    graph.constant("export_zero", 0);
    graph.constant("export_one", 1);
    graph.constant("export_padding", -1);

    String real = graph.cast(GraphInputs.MASK, OnnxType.BOOL); // [batch, sequence]
    String ones = graph.cast(real, OnnxType.INT64);
    String flat = reshape(ones, "export_flat"); // [slots]
    String shape = node("Shape", ones);
    String places = node("Squeeze", node("NonZero", flat), "export_axis_0"); // [tokens]
    graph.derive(DecoderGraph.TOKEN_SLOTS, places);
    graph.derive(DecoderGraph.IDS, node("Gather", reshape(GraphInputs.IDS, "export_flat"), places));

    String tokensSoFar = reshape(node("CumSum", flat, "export_axis_0"), shape);
    String slots = node("Where", real, less(tokensSoFar, "export_one"), "export_zero");
    graph.derive(DecoderGraph.SLOTS, slots);
    String soFarInRow = node("CumSum", ones, "export_axis_1");
    String positions = node("Where", real, less(soFarInRow, "export_one"), "export_padding");
    graph.derive(DecoderGraph.SLOT_POSITIONS, positions);
    String lengths = lastColumn(soFarInRow); // [batch, 1]
    String reach =
        role.attention() == Role.Attention.CAUSAL
            ? node("Where", real, positions, "export_zero")
            : node("Expand", less(lengths, "export_one"), shape);
    graph.derive(DecoderGraph.SLOT_REACH, reach);
    config.attention().window().ifPresent(window -> window(window, positions, reach));

    String ends = less(lastColumn(tokensSoFar), "export_one"); // [batch, 1]
    String pooled =
        role.pooling() == Role.Pooling.CLS ? node("Add", less(ends, lengths), "export_one") : ends;
    graph.derive(DecoderGraph.POOLED_TOKENS, node("Squeeze", pooled, "export_axis_1"));
    if (role.pooling() == Role.Pooling.MEAN) {
      graph.derive(DecoderGraph.POOL_WEIGHTS, poolWeights(shape, places, lengths));
    }
    if (adapter != RoleHeads.NO_ADAPTER) {
      graph.constant("export_adapter", adapter);
      String batch = graph.node("Shape", List.of(ones), new Attribute.Int("end", 1));
      graph.derive(DecoderGraph.ROW_ADAPTERS, node("Expand", "export_adapter", batch));
    }
  }

  private void window(AttentionConfig.Window window, String positions, String reach) {
    graph.constant("export_window", window.size() - 1L);
    graph.derive(
        DecoderGraph.WINDOW_FIRST, node("Max", less(positions, "export_window"), "export_zero"));
    graph.derive(
        DecoderGraph.WINDOW_LAST, node("Min", node("Add", positions, "export_window"), reach));
  }

  /** Each row's share in the mean of its tokens: [batch, tokens]. */
  private String poolWeights(String shape, String places, String lengths) {
    graph.scalar("export_nothing", 0);
    graph.scalar("export_whole", 1);
    String sequence = node("Gather", shape, "export_axis_1"); // [1]
    String owners = node("Unsqueeze", node("Div", places, sequence), "export_axis_0");
    String counted = less(node("CumSum", node("Sign", lengths), "export_axis_0"), "export_one");
    String own = node("Equal", counted, owners); // [batch, tokens]
    String share = node("Div", "export_whole", graph.cast(lengths, OnnxType.FLOAT));
    return node("Where", own, share, "export_nothing");
  }

  private String lastColumn(String x) {
    return graph.node("Gather", List.of(x, "export_last"), new Attribute.Int("axis", 1));
  }

  private String less(String x, String y) {
    return node("Sub", x, y);
  }

  private String reshape(String x, String shape) {
    return node("Reshape", x, shape);
  }

  private String node(String operator, String... inputs) {
    return graph.node(operator, List.of(inputs));
  }
}
