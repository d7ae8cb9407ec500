package io.chasqui.checkpoint;

import java.util.OptionalInt;

/**
 * Llama 2 and 3.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/configuration_llama.py">configuration_llama.py</a>
 */
final class LlamaFamily implements ModelFamily {
  private static final DecoderFields.Defaults DEFAULTS =
      new DecoderFields.Defaults(OptionalInt.empty(), OptionalInt.empty(), 2048, false);

  private static final double DEFAULT_ROPE_THETA = 10_000;

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, DEFAULTS);
    fields.requireCausal();
    boolean bias = json.flag("attention_bias", false);
    return fields.config(
        "llama",
        RopeFields.read(json, DEFAULT_ROPE_THETA),
        bias,
        json.flag("mlp_bias", false),
        fields.silu(),
        AttentionConfig.of(fields.headDim).withOutputBias(bias),
        BlockConfig.plain());
  }
}
