package io.chasqui.checkpoint;

import java.util.OptionalInt;

/**
 * Gemma's first: norms by weight + 1, embeddings multiplied by √hidden_size, GELU, tied.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/gemma/configuration_gemma.py">configuration_gemma.py</a>
 */
final class GemmaFamily implements ModelFamily {
  /** The only activation of any Gemma. */
  static final String ACTIVATION = "gelu_pytorch_tanh";

  static final double DEFAULT_ROPE_THETA = 10_000;

  private static final DecoderFields.Defaults DEFAULTS =
      new DecoderFields.Defaults(OptionalInt.of(16), OptionalInt.of(256), 8192, true);

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, DEFAULTS);
    fields.requireCausal();
    boolean bias = json.flag("attention_bias", false);
    return fields.config(
        "gemma",
        RopeFields.read(json, DEFAULT_ROPE_THETA),
        bias,
        false,
        activation(json),
        AttentionConfig.of(fields.headDim).withOutputBias(bias),
        BlockConfig.gemma(fields.hidden));
  }

  /**
   * The MLP's activation. Early configs say {@code hidden_act: "gelu"} and mean the approximation:
   * the first Gemma was trained with it, and Hugging Face's class overrides what they say.
   */
  static String activation(JsonFields json) {
    String named = json.string("hidden_activation").orElse(ACTIVATION);
    if (!named.equals(ACTIVATION)) {
      throw json.problem(
          "hidden_activation", "\"" + named + "\" is not supported: only " + ACTIVATION);
    }
    String old = json.string("hidden_act").orElse(ACTIVATION);
    if (!old.equals(ACTIVATION) && !old.equals("gelu")) {
      throw json.problem("hidden_act", "\"" + old + "\" is not supported: only " + ACTIVATION);
    }
    return ACTIVATION;
  }
}
