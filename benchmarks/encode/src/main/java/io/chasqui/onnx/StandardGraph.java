package io.chasqui.onnx;

import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A Llama decoder as others' libraries take it: {@code input_ids}, {@code attention_mask}, {@code
 * token_type_ids} (ignored), each [batch, sequence], to {@code last_hidden_state} [batch, sequence,
 * hidden]; padding is computed. It has the operators of our own graph, so that a peer that runs it
 * differs by what is around them; the exporters that users have write slower ones. Weights stay in
 * the checkpoint's files, which must lie in the graph's folder.
 */
public final class StandardGraph {
  private static final float UNSEEN = -1e30f;

  private final ModelConfig config;
  private final OnnxGraph graph = new OnnxGraph();
  private final BaseWeights weights;

  private StandardGraph(ModelConfig config, Tensors tensors) {
    this.config = config;
    this.weights = new BaseWeights(graph, CheckpointLayout.of(config, tensors), tensors);
  }

  /**
   * Writes the graph of a checkpoint.
   *
   * @param checkpoint folder of a Llama without biases, in F32
   * @param positions longest input
   * @param file in that folder
   */
  public static void write(Path checkpoint, int positions, Path file) throws IOException {
    ModelConfig config = ModelConfig.read(checkpoint);
    Tensors tensors = CheckpointWeights.read(checkpoint);
    StandardGraph standard = new StandardGraph(config, tensors);
    standard.build(positions);
    Files.write(file, standard.graph.toModel("chasqui-benchmarks"));
  }

  private void build(int positions) {
    graph.input("input_ids", OnnxType.INT64, "batch", "sequence");
    graph.input("attention_mask", OnnxType.INT64, "batch", "sequence");
    graph.input("token_type_ids", OnnxType.INT64, "batch", "sequence");
    graph.constant("flat", -1);
    graph.constant("axis_0", 0);
    graph.constant("axis_1", 1);
    graph.constant("axes_1_2", 1, 2);
    graph.constant("one", 1);
    graph.scalar("zero", 0);
    graph.scalar("unseen", UNSEEN);
    graph.constant("rows", -1, config.heads() * (long) config.headDim());
    RopeTable.Tables tables = new RopeTable(config.rope(), config.headDim()).atLeast(positions);
    graph.constant("cosines", floats(tables.cosines()), tables.positions(), tables.half());
    graph.constant("sines", floats(tables.sines()), tables.positions(), tables.half());

    String shape = graph.node("Shape", List.of("input_ids"));
    String grid = graph.node("Concat", List.of(shape, "flat"), new Attribute.Int("axis", 0));
    String places = graph.node("Sub", List.of(cumulated("attention_mask"), "one"));
    String position = graph.node("Max", List.of(places, "axis_0")); // padding is at 0
    String mask = mask();

    String ids = graph.node("Reshape", List.of("input_ids", "flat"));
    String hidden = graph.node("Gather", List.of(weights.stored("embed_tokens.weight"), ids));
    Norms norms = new Norms(graph, config, weights, ComputeType.FLOAT);
    String normed = norms.normed(hidden, "layers.0.input_layernorm");
    for (int layer = 0; layer < config.layers(); layer++) {
      String path = "layers." + layer;
      String attended = attention(path + ".self_attn", normed, grid, position, mask);
      Norms.Sum middle = norms.addAndNorm(attended, hidden, path + ".post_attention_layernorm");
      String next =
          layer == config.layers() - 1 ? "norm" : "layers." + (layer + 1) + ".input_layernorm";
      Norms.Sum end = norms.addAndNorm(mlp(path + ".mlp", middle.normed()), middle.sum(), next);
      hidden = end.sum();
      normed = end.normed();
    }
    String states = graph.node("Reshape", List.of(normed, grid)); // [batch, sequence, hidden]
    graph.output(
        graph.named("last_hidden_state", states),
        OnnxType.FLOAT,
        "batch",
        "sequence",
        config.hiddenSize());
  }

  private String cumulated(String x) {
    return graph.node("CumSum", List.of(x, "axis_1"));
  }

  /** What is added to scores: [batch, 1, sequence, sequence]. */
  private String mask() {
    String ones = graph.node("Max", List.of("attention_mask", "one")); // [batch, sequence]
    String index = graph.node("Sub", List.of(cumulated(ones), "one"));
    String keys = graph.node("Unsqueeze", List.of(index, "axes_1_2")); // [batch, 1, 1, sequence]
    graph.constant("axes_1_3", 1, 3);
    String queries = graph.node("Unsqueeze", List.of(index, "axes_1_3"));
    String causal = graph.node("LessOrEqual", List.of(keys, queries));
    String real =
        graph.node(
            "GreaterOrEqual",
            List.of(graph.node("Unsqueeze", List.of("attention_mask", "axes_1_2")), "one"));
    String seen = graph.node("And", List.of(causal, real));
    return graph.node("Where", List.of(seen, "zero", "unseen"));
  }

  private String attention(String path, String x, String grid, String position, String mask) {
    String q = rotated(grid(linear(path + ".q_proj", x), grid), position);
    String k = rotated(grid(linear(path + ".k_proj", x), grid), position);
    String v = grid(linear(path + ".v_proj", x), grid);
    String attended =
        graph.node(
            "Attention",
            List.of(q, k, v, mask),
            new Attribute.Int("q_num_heads", config.heads()),
            new Attribute.Int("kv_num_heads", config.keyValueHeads()),
            new Attribute.Real("scale", config.attention().scale()));
    return linear(path + ".o_proj", graph.node("Reshape", List.of(attended, "rows")));
  }

  private String mlp(String path, String x) {
    String gate = linear(path + ".gate_proj", x);
    String activated = graph.node("Mul", List.of(gate, graph.node("Sigmoid", List.of(gate))));
    String product = graph.node("Mul", List.of(activated, linear(path + ".up_proj", x)));
    return linear(path + ".down_proj", product);
  }

  private String linear(String path, String x) {
    return graph.node(
        "Gemm", List.of(x, weights.floats(path + ".weight")), new Attribute.Int("transB", 1));
  }

  private String grid(String x, String grid) {
    return graph.node("Reshape", List.of(x, grid));
  }

  private String rotated(String x, String position) {
    return graph.node(
        OnnxGraph.MICROSOFT, "RotaryEmbedding", List.of(x, position, "cosines", "sines"));
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] values = new float[buffer.capacity()];
    buffer.get(0, values);
    return values;
  }
}
