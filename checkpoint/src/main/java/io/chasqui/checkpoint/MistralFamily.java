package io.chasqui.checkpoint;

import java.util.OptionalInt;

/**
 * Mistral: Llama with a window on every layer, unless {@code sliding_window} is null.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/mistral/configuration_mistral.py">configuration_mistral.py</a>
 */
final class MistralFamily implements ModelFamily {
  private static final DecoderFields.Defaults DEFAULTS =
      new DecoderFields.Defaults(OptionalInt.of(8), OptionalInt.empty(), 131_072, false);

  private static final double DEFAULT_ROPE_THETA = 10_000;
  private static final int DEFAULT_WINDOW = 4096;

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, DEFAULTS);
    RopeConfig rope = RopeFields.read(json, DEFAULT_ROPE_THETA);
    boolean causal = json.flag("is_causal", true);
    OptionalInt window = fields.nullable("sliding_window", DEFAULT_WINDOW);
    return fields.config(
        "mistral",
        rope,
        false,
        false,
        fields.silu(),
        AttentionConfig.of(fields.headDim)
            .withCausal(causal)
            .withWindow(fields.window(QwenFamily.reach(window, causal), layer -> true, rope)),
        BlockConfig.plain());
  }
}
