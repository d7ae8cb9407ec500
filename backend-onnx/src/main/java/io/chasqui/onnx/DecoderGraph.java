package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Writes the graph of a decoder: token embedding, layers, final norm, then pooling and head of each
 * role. Confined to one thread.
 *
 * <p>Tokens of all rows stand one after another, without padding: [tokens, hidden]. Only attention
 * sees rows, in slots [rows, longest]; indices carry tokens to slots and back. So no linear layer
 * ever computes padding, a prefix that rows share is computed once, and the side of the padding is
 * nothing but a choice of indices. When every role pools one token, the last layer is computed for
 * those tokens alone.
 *
 * <p>What a kind of decoder has beside Llama's parts is in its config; none has a graph of its own.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/modeling_llama.py">LlamaModel</a>
 */
final class DecoderGraph {
  // Inputs, see PackedBatch. Those of rotations are numbered, see AttentionLayers.ropes.
  static final String IDS = "ids";
  static final String SLOTS = "slots";
  static final String SLOT_POSITIONS = "slot_positions";
  static final String SLOT_REACH = "slot_reach";
  static final String WINDOW_FIRST = "window_first";
  static final String WINDOW_LAST = "window_last";
  static final String TOKEN_SLOTS = "token_slots";
  static final String POOLED_TOKENS = "pooled_tokens";
  static final String POOL_WEIGHTS = "pool_weights";
  static final String ROW_ADAPTERS = "row_adapters";
  static final String COSINES = "rope_cosines_";
  static final String SINES = "rope_sines_";
  static final String HIDDEN = "hidden";
  static final String ROW_LAST = "row_last";
  static final String LONGEST = "longest_row";

  // What GroupQueryAttention's kernels on both providers take.
  private static final int GROUPED_HEAD_STEP = 16;
  private static final int GROUPED_HEAD_MAX = 256;

  private final ModelConfig config;
  private final List<ServedRole> roles;
  private final OnnxGraph graph;
  private final BaseWeights weights;
  private final LinearLayers linears;
  private final RunnerOptions options;
  private final ComputeType type;

  private DecoderGraph(
      OnnxGraph graph,
      ModelConfig config,
      Tensors tensors,
      List<ServedRole> roles,
      RunnerOptions options) {
    this.graph = graph;
    this.config = config;
    this.roles = roles;
    CheckpointLayout layout = CheckpointLayout.of(config, tensors);
    this.weights = new BaseWeights(graph, layout, tensors);
    this.options = options;
    this.type = options.type().orElseGet(() -> storedType(layout, tensors));
    this.linears = new LinearLayers(graph, weights, roles, merges(), type);
  }

  /**
   * Writes a graph.
   *
   * @param roles what it must serve, at least one, each with a name of its own
   * @param options type and kernels, how adapters are applied, what is kept
   * @throws ModelFormatException if tensors are missing, surplus, or shaped otherwise than the
   *     config says, or an adapter does not fit
   */
  static DecoderModel build(
      ModelConfig config, Tensors tensors, List<ServedRole> roles, RunnerOptions options) {
    return build(new OnnxGraph(), config, tensors, roles, options);
  }

  /** Writes a graph behind what is already in it, which may compute some of the inputs. */
  static DecoderModel build(
      OnnxGraph graph,
      ModelConfig config,
      Tensors tensors,
      List<ServedRole> roles,
      RunnerOptions options) {
    return new DecoderGraph(graph, config, tensors, roles, options).build();
  }

  /** The type of the linear layers, which hold nearly all of the weights. */
  private static ComputeType storedType(CheckpointLayout layout, Tensors tensors) {
    String name = layout.tensor("layers.0.self_attn.q_proj.weight");
    return ComputeType.of(Objects.requireNonNull(tensors.all().get(name), name).dtype());
  }

  private boolean merges() {
    return options.adapters() == RunnerOptions.Adapters.MERGED;
  }

  /** Whether attention over all tokens can be {@code GroupQueryAttention}. */
  private boolean grouped() {
    return (options.kernels() == RunnerOptions.Kernels.GROUPED
            || (options.kernels() == RunnerOptions.Kernels.GROUPED_IN_16_BIT && type.is16Bit()))
        && config.headDim() % GROUPED_HEAD_STEP == 0
        && config.headDim() <= GROUPED_HEAD_MAX
        && roles.stream().allMatch(r -> r.role().attention() == Role.Attention.CAUSAL);
  }

  private DecoderModel build() {
    if (merges() && (roles.stream().map(ServedRole::adapter).distinct().count() != 1)) {
      throw new IllegalArgumentException("merging needs roles that share one adapter");
    }
    TokenSet all = inputs();
    TokenSet pooled = all.pooled();
    boolean poolsEarly =
        !options.keepHidden()
            && roles.stream().allMatch(r -> r.role().pooling() != Role.Pooling.MEAN);
    Norms norms = new Norms(graph, config, weights, type);
    AttentionLayers attention = new AttentionLayers(graph, config, linears, norms, type, grouped());
    boolean outputNorms = config.block().outputNorms();

    String hidden = embedding(); // [tokens, hidden]
    String normed = norms.normed(hidden, "layers.0.input_layernorm");
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean last = layer == config.layers() - 1;
      TokenSet queries = last && poolsEarly ? pooled : all;
      String path = "layers." + layer;
      String attended = attention.attention(layer, normed, queries, all);
      String middleNorm = path + ".post_attention_layernorm";
      if (outputNorms) {
        attended = norms.normed(attended, middleNorm);
        middleNorm = path + ".pre_feedforward_layernorm";
      }
      Norms.Sum middle = norms.addAndNorm(attended, queries.of(hidden), middleNorm);
      String update = mlp(path + ".mlp", middle.normed(), queries);
      if (outputNorms) {
        update = norms.normed(update, path + ".post_feedforward_layernorm");
      }
      String nextNorm = last ? "norm" : "layers." + (layer + 1) + ".input_layernorm";
      Norms.Sum end = norms.addAndNorm(update, middle.sum(), nextNorm);
      hidden = end.sum();
      normed = end.normed();
    }
    String one = wide(poolsEarly ? normed : pooled.of(normed)); // [rows, hidden]
    boolean needsAll = options.keepHidden() || graph.defines(POOL_WEIGHTS);
    String every = needsAll ? wide(normed) : normed;
    if (options.keepHidden()) {
      graph.output(graph.named(HIDDEN, every), OnnxType.FLOAT, "tokens", config.hiddenSize());
    }
    RoleHeads heads = new RoleHeads(graph, config, weights, linears);
    Map<String, RoleOutput> outputs = new LinkedHashMap<>();
    for (ServedRole role : roles) {
      outputs.put(role.role().name(), heads.head(role, one, every, outputs.size()));
    }
    linears.requireAllModules();
    return new DecoderModel(
        graph.toModel("chasqui"),
        weights.folder(),
        graph.inputs(),
        type,
        linears.supplied(),
        outputs);
  }

  private String wide(String x) {
    return type == ComputeType.FLOAT ? x : graph.cast(x, OnnxType.FLOAT);
  }

  private TokenSet inputs() {
    graph.input(IDS, OnnxType.INT64, "tokens");
    graph.input(SLOTS, OnnxType.INT64, "rows", "longest");
    graph.input(SLOT_POSITIONS, OnnxType.INT64, "rows", "longest");
    graph.input(SLOT_REACH, OnnxType.INT64, "rows", "longest");
    if (config.attention().window().isPresent()) {
      graph.input(WINDOW_FIRST, OnnxType.INT64, "rows", "longest");
      graph.input(WINDOW_LAST, OnnxType.INT64, "rows", "longest");
    }
    graph.input(TOKEN_SLOTS, OnnxType.INT64, "tokens");
    graph.input(POOLED_TOKENS, OnnxType.INT64, "rows");
    if (roles.stream().anyMatch(role -> role.role().pooling() == Role.Pooling.MEAN)) {
      graph.input(POOL_WEIGHTS, OnnxType.FLOAT, "rows", "tokens");
    }
    graph.constant("axis_0", 0);
    graph.constant("axis_1", 1);
    graph.constant("axes_1_2", 1, 2);
    graph.constant("axes_1_3", 1, 3);
    graph.constant("flat", -1);
    graph.constant("vector", -1, config.headDim() * (long) config.heads());
    graph.scalar("zero", 0, type);
    graph.scalar("one", 1); // for norms, which are 32 bit where they add it
    if (grouped()) {
      graph.input(ROW_LAST, OnnxType.INT32, "rows");
      graph.input(LONGEST, OnnxType.INT32, 1);
    }

    String positions = gather(graph.node("Reshape", List.of(SLOT_POSITIONS, "flat")), TOKEN_SLOTS);
    Optional<String> owners = Optional.empty();
    if (linears.chooseByRow()) {
      graph.input(ROW_ADAPTERS, OnnxType.INT64, "rows");
      String longest = graph.node("Shape", List.of(SLOTS), new Attribute.Int("start", 1)); // [1]
      String rows = graph.node("Div", List.of(TOKEN_SLOTS, longest)); // [tokens]
      owners = Optional.of(gather(ROW_ADAPTERS, rows));
    }
    return TokenSet.all(graph, positions, owners);
  }

  private String embedding() {
    String stored = gather(weights.stored("embed_tokens.weight"), IDS);
    double scale = config.block().embeddingScale();
    if (scale == 1) {
      return graph.cast(stored, type.onnx());
    }
    String factor = graph.scalar("embedding_scale", (float) scale);
    String scaled = graph.node("Mul", List.of(graph.cast(stored, OnnxType.FLOAT), factor));
    return type == ComputeType.FLOAT ? scaled : graph.cast(scaled, type.onnx());
  }

  private String mlp(String path, String x, TokenSet tokens) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    boolean bias = config.mlpBias();
    String gate = linears.linear(path + ".gate_proj", x, tokens, inner, hidden, bias);
    String up = linears.linear(path + ".up_proj", x, tokens, inner, hidden, bias);
    String product = graph.node("Mul", List.of(activated(gate), up));
    return linears.linear(path + ".down_proj", product, tokens, hidden, inner, bias);
  }

  private String activated(String x) {
    return switch (config.hiddenActivation()) {
      case "silu" -> graph.node("Mul", List.of(x, graph.node("Sigmoid", List.of(x))));
      case "gelu_pytorch_tanh" ->
          type.is16Bit()
              ? graph.node(OnnxGraph.MICROSOFT, "FastGelu", List.of(x)) // the same by tanh
              : graph.node("Gelu", List.of(x), new Attribute.Text("approximate", "tanh"));
      default ->
          throw new IllegalArgumentException("no such activation: " + config.hiddenActivation());
    };
  }

  private String gather(String data, String indices) {
    return graph.node("Gather", List.of(data, indices));
  }

  /** Numbers that are handed to the session beside the graph, in the type that it computes in. */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  record Supplied(FloatBuffer values, ComputeType type, long[] shape) {}

  /**
   * Where a role's rows come out.
   *
   * @param role how its batches are packed
   * @param name of the graph's output
   * @param width floats per row
   * @param adapter number that its rows are marked with; {@link RoleHeads#NO_ADAPTER} for the base
   *     alone
   */
  record RoleOutput(Role role, String name, int width, int adapter) {}

  /**
   * A written graph.
   *
   * @param model the {@code ModelProto}
   * @param folder where its external data lies
   * @param inputs names of its inputs
   * @param type in which it computes
   * @param supplied constants that the session must be handed, by name
   * @param outputs by role
   */
  @SuppressWarnings("ArrayRecordComponent")
  record DecoderModel(
      byte[] model,
      Path folder,
      Set<String> inputs,
      ComputeType type,
      Map<String, Supplied> supplied,
      Map<String, RoleOutput> outputs) {
    boolean reads(String input) {
      return inputs.contains(input);
    }
  }
}
