package io.chasqui.checkpoint;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Llama 2 and 3.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/configuration_llama.py">configuration_llama.py</a>
 */
final class LlamaFamily implements ModelFamily {
  private static final int DEFAULT_MAX_POSITIONS = 2048;
  private static final double DEFAULT_NORM_EPSILON = 1e-6;
  private static final double DEFAULT_ROPE_THETA = 10_000;

  /** Far above any published decoder; keeps a hostile config from asking for 2^31 tensors. */
  private static final int MAX_LAYERS = 1024;

  @Override
  public ModelConfig config(JsonFields json) {
    if (!json.flag("is_causal", true) || json.flag("use_bidirectional_attention", false)) {
      String field = json.has("is_causal") ? "is_causal" : "use_bidirectional_attention";
      throw json.problem(field, json.show(field) + ": bidirectional attention is not supported");
    }
    String activation = json.string("hidden_act").orElse("silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw json.problem("hidden_act", "\"" + activation + "\" is not supported: only silu");
    }
    int layers = json.requiredPositive("num_hidden_layers");
    if (layers > MAX_LAYERS) {
      throw json.problem("num_hidden_layers", layers + " is more than " + MAX_LAYERS);
    }
    int hidden = json.requiredPositive("hidden_size");
    int heads = json.requiredPositive("num_attention_heads");
    int keyValueHeads = json.positive("num_key_value_heads").orElse(heads);
    if (heads % keyValueHeads != 0) {
      throw json.problem(
          "num_key_value_heads", keyValueHeads + " does not divide num_attention_heads " + heads);
    }
    if (!json.has("head_dim") && hidden % heads != 0) {
      throw json.problem("num_attention_heads", heads + " does not divide hidden_size " + hidden);
    }
    int headDim = json.positive("head_dim").orElse(hidden / heads);
    if (headDim == 0 || headDim % 2 != 0) {
      throw json.problem("head_dim", headDim + " is not even");
    }
    int maxPositions = json.positive("max_position_embeddings").orElse(DEFAULT_MAX_POSITIONS);
    return new ModelConfig(
        "llama",
        json.strings("architectures").orElse(List.of()),
        json.requiredPositive("vocab_size"),
        hidden,
        json.requiredPositive("intermediate_size"),
        layers,
        heads,
        keyValueHeads,
        headDim,
        json.positiveNumber("rms_norm_eps").orElse(DEFAULT_NORM_EPSILON),
        maxPositions,
        RopeFields.read(json, DEFAULT_ROPE_THETA),
        json.flag("tie_word_embeddings", false),
        json.flag("attention_bias", false),
        json.flag("mlp_bias", false),
        "silu",
        LabelFields.read(json));
  }

  @Override
  public SortedMap<String, ExpectedShape> decoderTensors(ModelConfig config) {
    Shapes shapes = new Shapes(config);
    SortedMap<String, ExpectedShape> tensors = new TreeMap<>();
    tensors.put("embed_tokens.weight", shapes.matrix(shapes.vocabulary, shapes.hidden));
    tensors.put("norm.weight", shapes.vector(shapes.hidden));
    for (int layer = 0; layer < config.layers(); layer++) {
      String prefix = "layers." + layer + ".";
      tensors.put(prefix + "input_layernorm.weight", shapes.vector(shapes.hidden));
      tensors.put(prefix + "post_attention_layernorm.weight", shapes.vector(shapes.hidden));
      String attention = prefix + "self_attn.";
      boolean bias = config.attentionBias();
      shapes.linear(tensors, attention + "q_proj", shapes.query, shapes.hidden, bias);
      shapes.linear(tensors, attention + "k_proj", shapes.keyValue, shapes.hidden, bias);
      shapes.linear(tensors, attention + "v_proj", shapes.keyValue, shapes.hidden, bias);
      shapes.linear(tensors, attention + "o_proj", shapes.hidden, shapes.query, bias);
      String mlp = prefix + "mlp.";
      bias = config.mlpBias();
      shapes.linear(tensors, mlp + "gate_proj", shapes.intermediate, shapes.hidden, bias);
      shapes.linear(tensors, mlp + "up_proj", shapes.intermediate, shapes.hidden, bias);
      shapes.linear(tensors, mlp + "down_proj", shapes.hidden, shapes.intermediate, bias);
    }
    return tensors;
  }

  /** Shapes out of named sizes, so that an error can say which field asked for them. */
  private static final class Shapes {
    record Size(long value, String reason) {}

    final Size vocabulary;
    final Size hidden;
    final Size intermediate;
    final Size query;
    final Size keyValue;

    Shapes(ModelConfig config) {
      vocabulary = field("vocab_size", config.vocabularySize());
      hidden = field("hidden_size", config.hiddenSize());
      intermediate = field("intermediate_size", config.intermediateSize());
      query = perHead("num_attention_heads", config.heads(), config.headDim());
      keyValue = perHead("num_key_value_heads", config.keyValueHeads(), config.headDim());
    }

    private static Size field(String name, int value) {
      return new Size(value, name + " " + value);
    }

    private static Size perHead(String name, int heads, int headDim) {
      return new Size((long) heads * headDim, name + " " + heads + " × head_dim " + headDim);
    }

    ExpectedShape vector(Size size) {
      return new ExpectedShape(List.of(size.value), size.reason);
    }

    ExpectedShape matrix(Size rows, Size columns) {
      return new ExpectedShape(
          List.of(rows.value, columns.value), rows.reason + ", " + columns.reason);
    }

    void linear(
        SortedMap<String, ExpectedShape> tensors, String name, Size out, Size in, boolean bias) {
      tensors.put(name + ".weight", matrix(out, in));
      if (bias) {
        tensors.put(name + ".bias", vector(out));
      }
    }
  }
}
