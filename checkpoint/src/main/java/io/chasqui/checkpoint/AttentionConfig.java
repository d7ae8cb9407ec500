package io.chasqui.checkpoint;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a decoder's attention does beside what all decoders' does. Immutable.
 *
 * @param causal whether a token sees none that follow it; otherwise all
 * @param outputBias whether o has a bias (q, k and v: {@link ModelConfig#attentionBias()})
 * @param headNorms whether each head of q and k is normalised before its rotation
 * @param scale factor of the scores
 * @param softCap bounds the scaled scores, as cap · tanh(score / cap), if present
 * @param window what layers of short sight see, if there are such
 */
public record AttentionConfig(
    boolean causal,
    boolean outputBias,
    boolean headNorms,
    double scale,
    OptionalDouble softCap,
    Optional<Window> window) {

  /** Llama's, without biases: causal, scores divided by √headDim, no window. */
  public static AttentionConfig of(int headDim) {
    return new AttentionConfig(
        true, false, false, 1 / Math.sqrt(headDim), OptionalDouble.empty(), Optional.empty());
  }

  public AttentionConfig withCausal(boolean value) {
    return new AttentionConfig(value, outputBias, headNorms, scale, softCap, window);
  }

  public AttentionConfig withOutputBias(boolean value) {
    return new AttentionConfig(causal, value, headNorms, scale, softCap, window);
  }

  public AttentionConfig withHeadNorms(boolean value) {
    return new AttentionConfig(causal, outputBias, value, scale, softCap, window);
  }

  public AttentionConfig withScale(double value) {
    return new AttentionConfig(causal, outputBias, headNorms, value, softCap, window);
  }

  public AttentionConfig withSoftCap(OptionalDouble value) {
    return new AttentionConfig(causal, outputBias, headNorms, scale, value, window);
  }

  public AttentionConfig withWindow(Optional<Window> value) {
    return new AttentionConfig(causal, outputBias, headNorms, scale, softCap, value);
  }

  /**
   * Layers that see near tokens only.
   *
   * @param size tokens at a distance below this are seen, the token itself included: of those
   *     before it if causal, else on both sides
   * @param layers whether each layer is such
   * @param rope their position embedding
   */
  public record Window(int size, List<Boolean> layers, RopeConfig rope) {
    public Window {
      layers = List.copyOf(layers);
    }
  }
}
