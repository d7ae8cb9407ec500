package io.chasqui.checkpoint;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Gemma 3's text decoder: four norms a layer, norms of q and k, five layers with a window for one
 * without, each kind with rotations of its own. EmbeddingGemma's sees in both directions.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/gemma3/configuration_gemma3.py">configuration_gemma3.py</a>
 */
final class Gemma3Family implements ModelFamily {
  private static final DecoderFields.Defaults DEFAULTS =
      new DecoderFields.Defaults(OptionalInt.of(4), OptionalInt.of(256), 131_072, true);

  private static final int DEFAULT_PATTERN = 6;

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, DEFAULTS);
    if (!json.flag("is_causal", true)) {
      throw json.problem("is_causal", "false is spelled use_bidirectional_attention: true here");
    }
    boolean bias = json.flag("attention_bias", false);
    boolean causal = !json.flag("use_bidirectional_attention", false);
    OptionalInt window = fields.nullable("sliding_window", Gemma2Family.DEFAULT_WINDOW);
    if (!causal && window.isPresent()) {
      window = OptionalInt.of(window.getAsInt() / 2 + 1);
    }
    String patternField =
        json.has("sliding_window_pattern") ? "sliding_window_pattern" : "_sliding_window_pattern";
    int pattern = json.positive(patternField).orElse(DEFAULT_PATTERN);
    RopeFields.ByLayer ropes = RopeFields.readByLayer(json);
    return fields.config(
        "gemma3_text",
        ropes.full(),
        bias,
        false,
        GemmaFamily.activation(json),
        AttentionConfig.of(fields.headDim)
            .withCausal(causal)
            .withOutputBias(bias)
            .withHeadNorms(true)
            .withScale(Gemma2Family.scale(json))
            .withSoftCap(fields.softCap("attn_logit_softcapping", OptionalDouble.empty()))
            .withWindow(
                fields.window(window, layer -> (layer + 1) % pattern != 0, ropes.windowed())),
        BlockConfig.gemma(fields.hidden)
            .withOutputNorms(true)
            .withFinalSoftCap(fields.softCap("final_logit_softcapping", OptionalDouble.empty())));
  }
}
