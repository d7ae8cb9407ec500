package io.chasqui.onnx;

import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** A graph's attention: projections, norms of heads, rotation, mask. Confined to one thread. */
final class AttentionLayers {
  private final OnnxGraph graph;
  private final ModelConfig config;
  private final LinearLayers linears;
  private final Norms norms;
  private final ComputeType type;
  private final boolean grouped;
  private final List<RopeConfig> ropes;
  private final List<String> cosines = new ArrayList<>(); // by number of the rope
  private final List<String> sines = new ArrayList<>();
  private final Map<String, String> masks = new HashMap<>();

  /**
   * Attention of one graph.
   *
   * @param grouped whether layers for all tokens are {@code GroupQueryAttention}, which is causal
   *     and wants padding behind the tokens
   */
  AttentionLayers(
      OnnxGraph graph,
      ModelConfig config,
      LinearLayers linears,
      Norms norms,
      ComputeType type,
      boolean grouped) {
    this.graph = graph;
    this.config = config;
    this.linears = linears;
    this.norms = norms;
    this.type = type;
    this.grouped = grouped;
    ropes = ropes(config);
    int half = config.headDim() / 2;
    for (int number = 0; number < ropes.size(); number++) {
      cosines.add(table(DecoderGraph.COSINES + number, half));
      sines.add(table(DecoderGraph.SINES + number, half));
    }
    graph.scalar("unseen", type.unseen(), type);
    graph.constant("heads_apart", 0, -1, config.headDim());
    graph.constant("heads_together", 0, -1);
  }

  private String table(String name, int half) {
    String floats = graph.input(name, OnnxType.FLOAT, "positions", half);
    return type == ComputeType.FLOAT ? floats : graph.cast(floats, type.onnx());
  }

  /** The different position embeddings of a decoder's layers. */
  static List<RopeConfig> ropes(ModelConfig config) {
    return Stream.concat(
            Stream.of(config.rope()),
            config.attention().window().map(AttentionConfig.Window::rope).stream())
        .distinct()
        .toList();
  }

  /** What a layer's attention gives for some tokens: [tokens, hidden]. */
  String attention(int layer, String normed, TokenSet queries, TokenSet all) {
    String path = "layers." + layer + ".self_attn";
    int hidden = config.hiddenSize();
    int queryWidth = config.heads() * config.headDim();
    int keyWidth = config.keyValueHeads() * config.headDim();
    boolean bias = config.attentionBias();
    String q =
        linears.linear(path + ".q_proj", queries.of(normed), queries, queryWidth, hidden, bias);
    String k = linears.linear(path + ".k_proj", normed, all, keyWidth, hidden, bias);
    String v = linears.linear(path + ".v_proj", normed, all, keyWidth, hidden, bias);
    if (config.attention().headNorms()) {
      q = normedHeads(q, path + ".q_norm");
      k = normedHeads(k, path + ".k_norm");
    }
    int rope = ropes.indexOf(config.rope(layer));
    q = queries.toSlots(rotate(q, queries, rope));
    k = all.toSlots(rotate(k, all, rope));
    v = all.toSlots(v);
    boolean windowed = config.window(layer).isPresent();
    String attended = // [rows, queries, queryWidth]
        grouped && queries == all
            ? grouped(q, k, v, windowed)
            : masked(q, k, v, mask(queries, windowed));
    return linears.linear(
        path + ".o_proj",
        queries.fromSlots(attended),
        queries,
        hidden,
        queryWidth,
        config.attention().outputBias());
  }

  private String masked(String q, String k, String v, String mask) {
    OptionalDouble cap = config.attention().softCap();
    return cap.isPresent()
        ? capped(q, k, v, mask, cap.getAsDouble())
        : graph.node(
            "Attention",
            List.of(q, k, v, mask),
            new Attribute.Int("q_num_heads", config.heads()),
            new Attribute.Int("kv_num_heads", config.keyValueHeads()),
            new Attribute.Real("scale", config.attention().scale()));
  }

  /**
   * Causal attention without a mask in memory: the kernels know the length of each row. Its cap
   * comes before what is not seen is left out.
   */
  private String grouped(String q, String k, String v, boolean windowed) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Int("num_heads", config.heads()));
    attributes.add(new Attribute.Int("kv_num_heads", config.keyValueHeads()));
    attributes.add(new Attribute.Real("scale", config.attention().scale()));
    config
        .attention()
        .softCap()
        .ifPresent(cap -> attributes.add(new Attribute.Real("softcap", cap)));
    if (windowed) {
      int size = config.attention().window().orElseThrow().size();
      attributes.add(new Attribute.Int("local_window_size", size));
    }
    return graph
        .node(
            OnnxGraph.MICROSOFT,
            "GroupQueryAttention",
            List.of(q, k, v, "", "", DecoderGraph.ROW_LAST, DecoderGraph.LONGEST),
            List.of(true, true, true), // keys and values are written even if nobody reads them
            attributes.toArray(Attribute[]::new))
        .get(0);
  }

  private String normedHeads(String x, String norm) {
    String heads = graph.node("Reshape", List.of(x, "heads_apart")); // [tokens, heads, headDim]
    return graph.node("Reshape", List.of(norms.normed(heads, norm), "heads_together"));
  }

  private String rotate(String x, TokenSet tokens, int rope) { // [tokens, heads * headDim]
    String one = graph.node("Unsqueeze", List.of(x, "axis_1")); // [tokens, 1, heads * headDim]
    String position = graph.node("Unsqueeze", List.of(tokens.positions(), "axis_1"));
    String rotated =
        graph.node(
            OnnxGraph.MICROSOFT,
            "RotaryEmbedding",
            List.of(one, position, cosines.get(rope), sines.get(rope)));
    return graph.node("Squeeze", List.of(rotated, "axis_1"));
  }

  /**
   * Attention with soft-capped scores, step by step. The operator has a cap, but its standard puts
   * that after the mask, which it would lift.
   */
  private String capped(String q, String k, String v, String mask, double cap) {
    int keyHeads = config.keyValueHeads();
    int group = config.heads() / keyHeads;
    if (!graph.defines("query_heads")) {
      graph.constant("query_heads", 0, 0, keyHeads, group, config.headDim());
      graph.constant("key_heads", 0, 0, keyHeads, 1, config.headDim());
      graph.scalar("scale_in_caps", (float) (config.attention().scale() / cap), type);
      graph.scalar("score_cap", (float) cap, type);
    }
    String queries = // [rows, keyHeads, group, queries, headDim]
        transpose(graph.node("Reshape", List.of(q, "query_heads")), 0, 2, 3, 1, 4);
    String keys = // [rows, keyHeads, 1, headDim, longest]
        transpose(graph.node("Reshape", List.of(k, "key_heads")), 0, 2, 3, 4, 1);
    String values = // [rows, keyHeads, 1, longest, headDim]
        transpose(graph.node("Reshape", List.of(v, "key_heads")), 0, 2, 3, 1, 4);
    String scores = graph.node("MatMul", List.of(queries, keys));
    String scaled = graph.node("Mul", List.of(scores, "scale_in_caps"));
    String bounded = graph.node("Mul", List.of(graph.node("Tanh", List.of(scaled)), "score_cap"));
    String masked =
        graph.node("Add", List.of(bounded, graph.node("Unsqueeze", List.of(mask, "axis_1"))));
    String shares = graph.node("Softmax", List.of(masked), new Attribute.Int("axis", -1));
    return transpose(graph.node("MatMul", List.of(shares, values)), 0, 3, 1, 2, 4);
  }

  private String transpose(String x, long... order) {
    return graph.node("Transpose", List.of(x), new Attribute.Ints("perm", order));
  }

  /** What is added to attention scores: [rows, 1, queries, longest]. */
  private String mask(TokenSet queries, boolean windowed) {
    return masks.computeIfAbsent(
        queries.name() + (windowed ? " in a window" : ""),
        key -> {
          String keys = graph.node("Unsqueeze", List.of(DecoderGraph.SLOT_POSITIONS, "axes_1_2"));
          String first = windowed ? queries.perQuery(DecoderGraph.WINDOW_FIRST) : "axis_0";
          String last =
              queries.perQuery(windowed ? DecoderGraph.WINDOW_LAST : DecoderGraph.SLOT_REACH);
          String real = graph.node("GreaterOrEqual", List.of(keys, first)); // padding is at -1
          String reached = graph.node("LessOrEqual", List.of(keys, last));
          String seen = graph.node("And", List.of(real, reached));
          return graph.node("Where", List.of(seen, "zero", "unseen"));
        });
  }
}
