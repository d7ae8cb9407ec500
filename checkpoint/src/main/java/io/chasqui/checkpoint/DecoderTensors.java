package io.chasqui.checkpoint;

import io.chasqui.checkpoint.ModelFamily.ExpectedShape;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tensors that a config asks for, with shapes out of named sizes, so that an error can say
 * which field asked for them.
 */
final class DecoderTensors {
  private record Size(long value, String reason) {}

  private final ModelConfig config;
  private final SortedMap<String, ExpectedShape> tensors = new TreeMap<>();
  private final Size hidden;
  private final Size intermediate;
  private final Size query;
  private final Size keyValue;
  private final Size head;

  private DecoderTensors(ModelConfig config) {
    this.config = config;
    hidden = field("hidden_size", config.hiddenSize());
    intermediate = field("intermediate_size", config.intermediateSize());
    query = perHead("num_attention_heads", config.heads(), config.headDim());
    keyValue = perHead("num_key_value_heads", config.keyValueHeads(), config.headDim());
    head = field("head_dim", config.headDim());
  }

  /** By canonical name, see {@link CheckpointLayout}; without heads. */
  static SortedMap<String, ExpectedShape> of(ModelConfig config) {
    DecoderTensors all = new DecoderTensors(config);
    all.matrix("embed_tokens", field("vocab_size", config.vocabularySize()), all.hidden);
    all.vector("norm.weight", all.hidden);
    for (int layer = 0; layer < config.layers(); layer++) {
      all.layer("layers." + layer + ".");
    }
    return all.tensors;
  }

  private void layer(String path) {
    vector(path + "input_layernorm.weight", hidden);
    vector(path + "post_attention_layernorm.weight", hidden);
    if (config.block().outputNorms()) {
      vector(path + "pre_feedforward_layernorm.weight", hidden);
      vector(path + "post_feedforward_layernorm.weight", hidden);
    }
    String attention = path + "self_attn.";
    linear(attention + "q_proj", query, hidden, config.attentionBias());
    linear(attention + "k_proj", keyValue, hidden, config.attentionBias());
    linear(attention + "v_proj", keyValue, hidden, config.attentionBias());
    linear(attention + "o_proj", hidden, query, config.attention().outputBias());
    if (config.attention().headNorms()) {
      vector(attention + "q_norm.weight", head);
      vector(attention + "k_norm.weight", head);
    }
    String mlp = path + "mlp.";
    linear(mlp + "gate_proj", intermediate, hidden, config.mlpBias());
    linear(mlp + "up_proj", intermediate, hidden, config.mlpBias());
    linear(mlp + "down_proj", hidden, intermediate, config.mlpBias());
  }

  private static Size field(String name, int value) {
    return new Size(value, name + " " + value);
  }

  private static Size perHead(String name, int heads, int headDim) {
    return new Size((long) heads * headDim, name + " " + heads + " × head_dim " + headDim);
  }

  private void vector(String name, Size size) {
    tensors.put(name, new ExpectedShape(List.of(size.value), size.reason));
  }

  private void matrix(String name, Size rows, Size columns) {
    tensors.put(
        name + ".weight",
        new ExpectedShape(List.of(rows.value, columns.value), rows.reason + ", " + columns.reason));
  }

  private void linear(String name, Size out, Size in, boolean bias) {
    matrix(name, out, in);
    if (bias) {
      vector(name + ".bias", out);
    }
  }
}
