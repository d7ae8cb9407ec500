package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
 * <p>Weights keep PyTorch's layout [out, in] ({@code Gemm} with {@code transB}), so they are read
 * where they lie.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/modeling_llama.py">LlamaModel</a>
 */
final class DecoderGraph {
  // Inputs, see PackedBatch.
  static final String IDS = "ids";
  static final String SLOTS = "slots";
  static final String SLOT_POSITIONS = "slot_positions";
  static final String SLOT_REACH = "slot_reach";
  static final String TOKEN_SLOTS = "token_slots";
  static final String POOLED_TOKENS = "pooled_tokens";
  static final String POOL_WEIGHTS = "pool_weights";
  static final String ROW_ADAPTERS = "row_adapters";
  static final String COSINES = "rope_cosines";
  static final String SINES = "rope_sines";
  static final String HIDDEN = "hidden";

  static final int NO_ADAPTER = -1;

  /** Added to the score of a key that must not be seen; finite, so that a row of them is no NaN. */
  private static final float UNSEEN = -1e30f;

  private static final float SMALLEST_LENGTH = 1e-12f; // of torch.nn.functional.normalize

  private final ModelConfig config;
  private final List<ServedRole> roles;
  private final AdapterStack adapters;
  private final OnnxGraph graph = new OnnxGraph();
  private final BaseWeights weights;
  private final Map<String, Supplied> supplied = new LinkedHashMap<>();
  private final Map<String, String> masks = new HashMap<>();
  private final boolean keepHidden;
  private final boolean merge;

  private DecoderGraph(
      ModelConfig config,
      Tensors tensors,
      List<ServedRole> roles,
      boolean merge,
      boolean keepHidden) {
    this.config = config;
    this.roles = roles;
    this.adapters = stack(roles);
    this.weights = new BaseWeights(graph, CheckpointLayout.of(config, tensors), tensors);
    this.merge = merge;
    this.keepHidden = keepHidden;
  }

  /**
   * Writes a graph.
   *
   * @param roles what it must serve, at least one, each with a name of its own
   * @param merge whether the one adapter that all roles use is added to the weights at load
   * @param keepHidden whether every token's hidden state is an output too
   * @throws ModelFormatException if tensors are missing, surplus, or shaped otherwise than the
   *     config says, or an adapter does not fit
   */
  static DecoderModel build(
      ModelConfig config,
      Tensors tensors,
      List<ServedRole> roles,
      boolean merge,
      boolean keepHidden) {
    return new DecoderGraph(config, tensors, roles, merge, keepHidden).build();
  }

  private static AdapterStack stack(List<ServedRole> roles) {
    IdentityHashMap<LoraAdapter, Path> distinct = new IdentityHashMap<>();
    List<LoraAdapter> adapters = new ArrayList<>();
    for (ServedRole role : roles) {
      Path path = Path.of(role.role().adapter().orElse(""));
      role.adapter()
          .filter(adapter -> distinct.put(adapter, path) == null)
          .ifPresent(adapters::add);
    }
    for (LoraAdapter adapter : adapters) {
      if (adapter.modules().isEmpty()) {
        throw new ModelFormatException(
            distinct.getOrDefault(adapter, Path.of("")), "", "an adapter without any update");
      }
    }
    return new AdapterStack(adapters);
  }

  private DecoderModel build() {
    requireSupported();
    TokenSet all = inputs();
    TokenSet pooled = pooled(all);
    boolean poolsEarly =
        !keepHidden && roles.stream().allMatch(r -> r.role().pooling() != Role.Pooling.MEAN);

    String hidden = // [tokens, hidden]
        graph.cast(gather(weights.stored("embed_tokens.weight"), IDS), OnnxType.FLOAT);
    String normed =
        graph.node(
            "RMSNormalization",
            List.of(hidden, norm("layers.0.input_layernorm")),
            new Attribute.Int("axis", -1),
            epsilon());
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean last = layer == config.layers() - 1;
      TokenSet queries = last && poolsEarly ? pooled : all;
      String path = "layers." + layer;
      String attended = attention(path + ".self_attn", normed, queries, all);
      Normed middle = addAndNorm(attended, queries.of(hidden), path + ".post_attention_layernorm");
      String update = mlp(path + ".mlp", middle.normed(), queries);
      String nextNorm = last ? "norm" : "layers." + (layer + 1) + ".input_layernorm";
      Normed end = addAndNorm(update, middle.sum(), nextNorm);
      hidden = end.sum();
      normed = end.normed();
    }
    if (keepHidden) {
      graph.output(graph.named(HIDDEN, normed), OnnxType.FLOAT, "tokens", config.hiddenSize());
    }
    String one = poolsEarly ? normed : pooled.of(normed); // [rows, hidden]
    Map<String, RoleOutput> outputs = new LinkedHashMap<>();
    for (ServedRole role : roles) {
      outputs.put(role.role().name(), head(role, one, normed, outputs.size()));
    }
    requireAllModules();
    return new DecoderModel(
        graph.toModel("chasqui"), weights.folder(), graph.inputs(), supplied, outputs);
  }

  private void requireSupported() {
    if (!config.hiddenActivation().equals("silu")) {
      throw new IllegalArgumentException("no such activation: " + config.hiddenActivation());
    }
    if (merge && (roles.stream().map(ServedRole::adapter).distinct().count() != 1)) {
      throw new IllegalArgumentException("merging needs roles that share one adapter");
    }
  }

  private void requireAllModules() {
    TreeSet<String> unknown = new TreeSet<>(adapters.modules());
    unknown.removeIf(module -> supplied.containsKey(module + ".lora_A"));
    if (!unknown.isEmpty()) {
      throw new ModelFormatException(
          adapterPath(), unknown.first(), "the base has no modules " + String.join(", ", unknown));
    }
  }

  private Path adapterPath() {
    return Path.of(
        roles.stream().flatMap(role -> role.role().adapter().stream()).findFirst().orElse(""));
  }

  // ---- inputs

  private TokenSet inputs() {
    graph.input(IDS, OnnxType.INT64, "tokens");
    graph.input(SLOTS, OnnxType.INT64, "rows", "longest");
    graph.input(SLOT_POSITIONS, OnnxType.INT64, "rows", "longest");
    graph.input(SLOT_REACH, OnnxType.INT64, "rows", "longest");
    graph.input(TOKEN_SLOTS, OnnxType.INT64, "tokens");
    graph.input(POOLED_TOKENS, OnnxType.INT64, "rows");
    graph.input(COSINES, OnnxType.FLOAT, "positions", config.headDim() / 2);
    graph.input(SINES, OnnxType.FLOAT, "positions", config.headDim() / 2);
    if (roles.stream().anyMatch(role -> role.role().pooling() == Role.Pooling.MEAN)) {
      graph.input(POOL_WEIGHTS, OnnxType.FLOAT, "rows", "tokens");
    }
    graph.constant("axis_0", 0);
    graph.constant("axis_1", 1);
    graph.constant("axes_1_2", 1, 2);
    graph.constant("axes_1_3", 1, 3);
    graph.constant("flat", -1);
    graph.constant("vector", -1, config.headDim() * (long) config.heads());
    graph.scalar("zero", 0);
    graph.scalar("unseen", UNSEEN);

    String positions = gather(flat(SLOT_POSITIONS), TOKEN_SLOTS);
    Optional<String> owners = Optional.empty();
    if (!adapters.isEmpty() && !merge) {
      graph.input(ROW_ADAPTERS, OnnxType.INT64, "rows");
      String longest = graph.node("Shape", List.of(SLOTS), new Attribute.Int("start", 1)); // [1]
      String rows = graph.node("Div", List.of(TOKEN_SLOTS, longest)); // [tokens]
      owners = Optional.of(gather(ROW_ADAPTERS, rows));
    }
    String reach =
        graph.node("Unsqueeze", List.of(SLOT_REACH, "axes_1_3")); // [rows, 1, longest, 1]
    return new TokenSet("all", positions, reach, owners, false);
  }

  /** The one token of each row that is pooled. */
  private TokenSet pooled(TokenSet all) {
    String slots = gather(TOKEN_SLOTS, POOLED_TOKENS);
    String reach = // [rows, 1, 1, 1]
        graph.node(
            "Unsqueeze",
            List.of(
                graph.node("Unsqueeze", List.of(gather(flat(SLOT_REACH), slots), "axis_1")),
                "axes_1_3"));
    return new TokenSet(
        "pooled",
        gather(all.positions(), POOLED_TOKENS),
        reach,
        all.owners().map(owners -> gather(owners, POOLED_TOKENS)),
        true);
  }

  // ---- layers

  private String attention(String path, String normed, TokenSet queries, TokenSet all) {
    int hidden = config.hiddenSize();
    int queryWidth = config.heads() * config.headDim();
    int keyWidth = config.keyValueHeads() * config.headDim();
    boolean bias = config.attentionBias();
    String q =
        rotate(
            linear(path + ".q_proj", queries.of(normed), queries, queryWidth, hidden, bias),
            queries);
    String k = rotate(linear(path + ".k_proj", normed, all, keyWidth, hidden, bias), all);
    String v = linear(path + ".v_proj", normed, all, keyWidth, hidden, bias);
    String attended = // [rows, longest or 1, queryWidth]
        graph.node(
            "Attention",
            List.of(queries.toSlots(q), all.toSlots(k), all.toSlots(v), mask(queries)),
            new Attribute.Int("q_num_heads", config.heads()),
            new Attribute.Int("kv_num_heads", config.keyValueHeads()),
            new Attribute.Real("scale", 1 / Math.sqrt(config.headDim())));
    return linear(path + ".o_proj", queries.fromSlots(attended), queries, hidden, queryWidth, bias);
  }

  private String mlp(String path, String x, TokenSet tokens) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    boolean bias = config.mlpBias();
    String gate = linear(path + ".gate_proj", x, tokens, inner, hidden, bias);
    String up = linear(path + ".up_proj", x, tokens, inner, hidden, bias);
    String silu = graph.node("Mul", List.of(gate, graph.node("Sigmoid", List.of(gate))));
    return linear(
        path + ".down_proj", graph.node("Mul", List.of(silu, up)), tokens, hidden, inner, bias);
  }

  /** x·Wᵀ + bias, plus the low-rank update of each token's adapter: [tokens, out]. */
  private String linear(String path, String x, TokenSet tokens, int out, int in, boolean hasBias) {
    String weight = weights.floats(path + ".weight");
    Optional<String> bias =
        hasBias ? Optional.of(weights.floats(path + ".bias")) : Optional.empty();
    Optional<AdapterStack.Stacked> update = adapters.module(path);
    if (update.isEmpty()) {
      return gemm(x, weight, bias);
    }
    AdapterStack.Stacked stacked = update.get();
    if (stacked.in() != in || stacked.out() != out) {
      throw new ModelFormatException(
          adapterPath(),
          path,
          String.format(
              "update [%d, %d] but the module is [%d, %d]", stacked.out(), stacked.in(), out, in));
    }
    long ranks = stacked.owners().length;
    String a = supply(path + ".lora_A", stacked.a(), ranks, in);
    String b = supply(path + ".lora_B", stacked.b(), out, ranks);
    if (merge) {
      return gemm(x, graph.node("Gemm", List.of(b, a, weight)), bias); // folded at load
    }
    // A row is isolated from other adapters: what they make of it is dropped, were it even NaN.
    String own =
        graph.node(
            "Where",
            List.of(rankMask(stacked.owners(), tokens), gemm(x, a, Optional.empty()), "zero"));
    return gemm(own, b, Optional.of(gemm(x, weight, bias)));
  }

  /** Which ranks a token's own adapter has: [tokens, ranks]. */
  private String rankMask(long[] owners, TokenSet tokens) {
    return masks.computeIfAbsent(
        tokens.name() + Arrays.toString(owners),
        key -> {
          String ranks = "owners_" + Arrays.toString(owners);
          if (!graph.defines(ranks)) {
            graph.constant(ranks, owners);
          }
          String token = graph.node("Unsqueeze", List.of(tokens.owners().orElseThrow(), "axis_1"));
          return graph.node("Equal", List.of(token, ranks));
        });
  }

  private String gemm(String x, String weight, Optional<String> sum) {
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    sum.ifPresent(inputs::add);
    return graph.node("Gemm", inputs, new Attribute.Int("transB", 1));
  }

  private String rotate(String x, TokenSet tokens) { // [tokens, heads * headDim]
    String one = graph.node("Unsqueeze", List.of(x, "axis_1")); // [tokens, 1, heads * headDim]
    String position = graph.node("Unsqueeze", List.of(tokens.positions(), "axis_1"));
    String rotated =
        graph.node(OnnxGraph.MICROSOFT, "RotaryEmbedding", List.of(one, position, COSINES, SINES));
    return graph.node("Squeeze", List.of(rotated, "axis_1"));
  }

  private Normed addAndNorm(String x, String residual, String norm) {
    List<String> both =
        graph.node(
            OnnxGraph.MICROSOFT,
            "SkipSimplifiedLayerNormalization",
            List.of(x, residual, norm(norm)),
            List.of(true, false, false, true),
            epsilon());
    return new Normed(both.get(0), both.get(1));
  }

  private String norm(String path) {
    return weights.floats(path + ".weight");
  }

  private Attribute epsilon() {
    return new Attribute.Real("epsilon", config.normEpsilon());
  }

  /** What is added to attention scores: [rows, 1, queries, longest]. */
  private String mask(TokenSet queries) {
    return masks.computeIfAbsent(
        queries.name(),
        key -> {
          String keys = graph.node("Unsqueeze", List.of(SLOT_POSITIONS, "axes_1_2"));
          String real = graph.node("GreaterOrEqual", List.of(keys, "axis_0"));
          String reached = graph.node("LessOrEqual", List.of(keys, queries.reach()));
          String seen = graph.node("And", List.of(real, reached));
          return graph.node("Where", List.of(seen, "zero", "unseen"));
        });
  }

  // ---- roles

  private RoleOutput head(ServedRole served, String one, String normed, int number) {
    Role role = served.role();
    String pooled =
        role.pooling() == Role.Pooling.MEAN
            ? graph.node("MatMul", List.of(POOL_WEIGHTS, normed))
            : one;
    String name = "role_" + number;
    int width;
    String result;
    if (role.head().isPresent()) {
      width = 1;
      result = gemm(pooled, headWeight(served), Optional.empty());
    } else {
      width = role.output().dimensions().orElse(config.hiddenSize());
      if (width > config.hiddenSize()) {
        throw new IllegalArgumentException(
            role.name() + ": " + width + " dimensions of " + config.hiddenSize());
      }
      result = pooled;
      if (width < config.hiddenSize()) {
        String end = graph.constant(name + "_dimensions", width);
        result = graph.node("Slice", List.of(result, "axis_0", end, "axis_1"));
      }
      if (role.output().normalise()) {
        result = normalise(result, width, name);
      }
    }
    graph.output(graph.named(name, result), OnnxType.FLOAT, "rows", width);
    int adapter = served.adapter().map(adapters::indexOf).orElse(NO_ADAPTER);
    return new RoleOutput(role, name, width, adapter);
  }

  private String headWeight(ServedRole served) {
    String tensor = ((Role.Head.Linear) served.role().head().orElseThrow()).tensor();
    LoraAdapter.Saved saved =
        served.adapter().map(adapter -> adapter.saved().get(tensor)).orElse(null);
    if (saved == null) {
      return weights.row(tensor, config.hiddenSize());
    }
    if (saved.rows() != 1 || saved.columns() != config.hiddenSize()) {
      throw new ModelFormatException(
          adapterPath(),
          tensor,
          String.format(
              "shape [%d, %d], expected [1, %d]",
              saved.rows(), saved.columns(), config.hiddenSize()));
    }
    return graph.constant(
        served.role().name() + ":" + tensor, saved.values(), 1, config.hiddenSize());
  }

  private String normalise(String x, int width, String name) {
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    String squares =
        graph.node(
            "MatMul",
            List.of(
                graph.node("Mul", List.of(x, x)), graph.constant(name + "_ones", ones, width, 1)));
    String length =
        graph.node(
            "Max",
            List.of(
                graph.node("Sqrt", List.of(squares)),
                graph.scalar(name + "_smallest", SMALLEST_LENGTH)));
    return graph.node("Div", List.of(x, length));
  }

  // ---- helpers

  private String gather(String data, String indices) {
    return graph.node("Gather", List.of(data, indices));
  }

  private String flat(String x) {
    return graph.node("Reshape", List.of(x, "flat"));
  }

  private String supply(String name, FloatBuffer values, long... shape) {
    supplied.put(name, new Supplied(values, shape));
    return graph.external(
        name,
        OnnxType.FLOAT,
        Arrays.stream(shape).boxed().toList(),
        weights.anyLocation(), // never read: the session is handed the values
        0,
        (long) values.capacity() * Float.BYTES);
  }

  private record Normed(String normed, String sum) {}

  /** Tokens that a layer's output is computed for. */
  private final class TokenSet {
    private final String name;
    private final String positions;
    private final String reach;
    private final Optional<String> owners;
    private final boolean onePerRow;

    /**
     * Names of the tensors that say which tokens these are.
     *
     * @param name prefix of the nodes made for them
     * @param positions [tokens]
     * @param reach highest position that each sees, [rows, 1, tokens of a row, 1]
     * @param owners adapter of each, [tokens]
     * @param onePerRow whether they are the pooled ones; otherwise all
     */
    TokenSet(
        String name, String positions, String reach, Optional<String> owners, boolean onePerRow) {
      this.name = name;
      this.positions = positions;
      this.reach = reach;
      this.owners = owners;
      this.onePerRow = onePerRow;
    }

    String name() {
      return name;
    }

    String positions() {
      return positions;
    }

    String reach() {
      return reach;
    }

    Optional<String> owners() {
      return owners;
    }

    /** The lines of these tokens among the lines of all. */
    String of(String x) {
      return onePerRow ? gather(x, POOLED_TOKENS) : x;
    }

    String toSlots(String x) {
      return onePerRow ? graph.node("Unsqueeze", List.of(x, "axis_1")) : gather(x, SLOTS);
    }

    String fromSlots(String x) {
      String lines = graph.node("Reshape", List.of(x, "vector"));
      return onePerRow ? lines : gather(lines, TOKEN_SLOTS);
    }
  }

  /** Floats that are handed to the session beside the graph. */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  record Supplied(FloatBuffer values, long[] shape) {}

  /**
   * Where a role's rows come out.
   *
   * @param role how its batches are packed
   * @param name of the graph's output
   * @param width floats per row
   * @param adapter number that its rows are marked with; {@link #NO_ADAPTER} for the base alone
   */
  record RoleOutput(Role role, String name, int width, int adapter) {}

  /**
   * A written graph.
   *
   * @param model the {@code ModelProto}
   * @param folder where its external data lies
   * @param inputs names of its inputs
   * @param supplied constants that the session must be handed, by name
   * @param outputs by role
   */
  @SuppressWarnings("ArrayRecordComponent")
  record DecoderModel(
      byte[] model,
      Path folder,
      Set<String> inputs,
      Map<String, Supplied> supplied,
      Map<String, RoleOutput> outputs) {
    boolean reads(String input) {
      return inputs.contains(input);
    }
  }
}
