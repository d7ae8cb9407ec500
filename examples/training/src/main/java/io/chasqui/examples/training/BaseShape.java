package io.chasqui.examples.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The size of a Llama of one's own: four heads of queries and two of keys besides spare ones, tied
 * embeddings, 512 positions.
 *
 * @param layers of the decoder
 * @param hidden size of its states, a multiple of 8
 * @param vocabulary tokens of its tokenizer at most
 * @param spareGroups groups of heads, the last of each layer, that are kept free for an adapter,
 *     with {@value #SPARE_UNITS} units of the MLP for each: {@link StructuredStart} makes them of
 *     zeros, which training the base leaves
 */
record BaseShape(int layers, int hidden, int vocabulary, int spareGroups) {
  /** Closes texts; what {@code BpeTrainer} gives it. */
  static final int EOS = 2;

  /** Opens texts; likewise. */
  static final int BOS = 1;

  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int POSITIONS = 512;
  private static final int SPARE_UNITS = 64;

  BaseShape {
    if (layers < 1) {
      throw new IllegalArgumentException("layers must be positive: " + layers);
    }
    if (hidden < 8 || hidden % 8 != 0) {
      throw new IllegalArgumentException("hidden must be a multiple of 8: " + hidden);
    }
    if (spareGroups < 0) {
      throw new IllegalArgumentException("spare groups can't be negative: " + spareGroups);
    }
    if (hidden % heads(spareGroups) != 0) {
      throw new IllegalArgumentException(
          "transformers wants a hidden size that is a multiple of the heads: %d and %d"
              .formatted(hidden, heads(spareGroups)));
    }
    if (vocabulary < 300) {
      throw new IllegalArgumentException(
          "a vocabulary holds 256 bytes and more: at least 300, not " + vocabulary);
    }
  }

  /** None is kept free. */
  BaseShape(int layers, int hidden, int vocabulary) {
    this(layers, hidden, vocabulary, 0);
  }

  private static int heads(int spareGroups) {
    return HEADS + spareGroups * HEADS / KEY_HEADS;
  }

  /** Units of the MLP, the last ones, that are kept free. */
  int spareUnits() {
    return spareGroups * SPARE_UNITS;
  }

  /** Eight thirds of the states, as Llama has it, rounded up to a multiple of 16; spare ones. */
  private int intermediate() {
    return (hidden * 8 / 3 + 15) / 16 * 16 + spareUnits();
  }

  /**
   * Writes {@code config.json}.
   *
   * @param tokens that the tokenizer really has
   */
  void writeConfig(Path directory, int tokens) throws IOException {
    ObjectNode config = JsonMapper.builder().build().createObjectNode();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama").put("vocab_size", tokens);
    config.put("hidden_size", hidden).put("intermediate_size", intermediate());
    config
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", HEADS + spareGroups * HEADS / KEY_HEADS);
    config.put("num_key_value_heads", KEY_HEADS + spareGroups).put("head_dim", hidden / HEADS);
    config.put("hidden_act", "silu").put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0);
    config.put("max_position_embeddings", POSITIONS).put("tie_word_embeddings", true);
    config.put("bos_token_id", 1).put("eos_token_id", EOS).put("initializer_range", 0.02);
    config.put("attention_bias", false).put("mlp_bias", false).put("torch_dtype", "float32");
    Files.writeString(directory.resolve("config.json"), config.toPrettyString());
  }
}
