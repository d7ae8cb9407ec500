package io.chasqui.checkpoint;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Gemma 2: Gemma with four norms a layer, soft caps on scores and logits, and a window on every
 * other layer.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/gemma2/configuration_gemma2.py">configuration_gemma2.py</a>
 */
final class Gemma2Family implements ModelFamily {
  static final int DEFAULT_WINDOW = 4096;
  static final double DEFAULT_QUERY_SCALAR = 256;

  private static final DecoderFields.Defaults DEFAULTS =
      new DecoderFields.Defaults(OptionalInt.of(4), OptionalInt.of(256), 8192, true);

  private static final OptionalDouble DEFAULT_SCORE_CAP = OptionalDouble.of(50);
  private static final OptionalDouble DEFAULT_LOGIT_CAP = OptionalDouble.of(30);

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, DEFAULTS);
    fields.requireCausal();
    RopeConfig rope = RopeFields.read(json, GemmaFamily.DEFAULT_ROPE_THETA);
    boolean bias = json.flag("attention_bias", false);
    OptionalInt window = fields.nullable("sliding_window", DEFAULT_WINDOW);
    return fields.config(
        "gemma2",
        rope,
        bias,
        false,
        GemmaFamily.activation(json),
        AttentionConfig.of(fields.headDim)
            .withOutputBias(bias)
            .withScale(scale(json))
            .withSoftCap(fields.softCap("attn_logit_softcapping", DEFAULT_SCORE_CAP))
            .withWindow(fields.window(window, layer -> layer % 2 == 0, rope)),
        BlockConfig.gemma(fields.hidden)
            .withOutputNorms(true)
            .withFinalSoftCap(fields.softCap("final_logit_softcapping", DEFAULT_LOGIT_CAP)));
  }

  static double scale(JsonFields json) {
    return 1 / Math.sqrt(json.positiveNumber("query_pre_attn_scalar").orElse(DEFAULT_QUERY_SCALAR));
  }
}
