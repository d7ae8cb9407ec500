package io.chasqui.checkpoint;

import java.util.OptionalInt;

/**
 * Qwen 2 (biases of q, k and v) and 3 (norms of q and k, head_dim of its own). Both may see in both
 * directions ({@code is_causal: false}, as gte-Qwen2), and have a window that is switched off
 * unless {@code use_sliding_window} says otherwise.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/qwen2/configuration_qwen2.py">configuration_qwen2.py</a>
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/qwen3/configuration_qwen3.py">configuration_qwen3.py</a>
 */
final class QwenFamily implements ModelFamily {
  private static final int DEFAULT_KEY_VALUE_HEADS = 32;
  private static final int DEFAULT_MAX_POSITIONS = 32_768;
  private static final double DEFAULT_ROPE_THETA = 10_000;
  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_LAYERS_WITHOUT_WINDOW = 28;

  private final boolean third;
  private final DecoderFields.Defaults defaults;

  QwenFamily(int generation) {
    third = generation == 3;
    defaults =
        new DecoderFields.Defaults(
            OptionalInt.of(DEFAULT_KEY_VALUE_HEADS),
            third ? OptionalInt.of(128) : OptionalInt.empty(),
            DEFAULT_MAX_POSITIONS,
            false);
  }

  @Override
  public ModelConfig config(JsonFields json) {
    DecoderFields fields = new DecoderFields(json, defaults);
    RopeConfig rope = RopeFields.read(json, DEFAULT_ROPE_THETA);
    boolean causal = json.flag("is_causal", true);
    OptionalInt window =
        json.flag("use_sliding_window", false)
            ? fields.nullable("sliding_window", DEFAULT_WINDOW)
            : OptionalInt.empty();
    int first = json.natural("max_window_layers").orElse(DEFAULT_LAYERS_WITHOUT_WINDOW);
    boolean bias = third && json.flag("attention_bias", false);
    return fields.config(
        third ? "qwen3" : "qwen2",
        rope,
        !third || bias,
        false,
        fields.silu(),
        AttentionConfig.of(fields.headDim)
            .withCausal(causal)
            .withOutputBias(bias)
            .withHeadNorms(third)
            .withWindow(fields.window(reach(window, causal), layer -> layer >= first, rope)),
        BlockConfig.plain());
  }

  /** Hugging Face counts the token at the window's own distance in when attention is not causal. */
  static OptionalInt reach(OptionalInt window, boolean causal) {
    return window.isEmpty() || causal ? window : OptionalInt.of(window.getAsInt() + 1);
  }
}
