package io.chasqui.checkpoint;

import java.util.OptionalDouble;

/**
 * What a decoder does around attention and MLP beside what all decoders do. Immutable.
 *
 * @param shiftedNorms whether norms multiply by their weight + 1
 * @param outputNorms whether what attention and MLP give is normalised before it is added
 * @param embeddingScale factor of token embeddings
 * @param finalSoftCap bounds the logits of the LM head, as cap · tanh(logit / cap), if present
 */
public record BlockConfig(
    boolean shiftedNorms, boolean outputNorms, double embeddingScale, OptionalDouble finalSoftCap) {

  /** Llama's: nothing of it. */
  public static BlockConfig plain() {
    return new BlockConfig(false, false, 1, OptionalDouble.empty());
  }

  /** Gemma's first: norms by weight + 1, embeddings multiplied by √hiddenSize. */
  public static BlockConfig gemma(int hiddenSize) {
    return new BlockConfig(true, false, Math.sqrt(hiddenSize), OptionalDouble.empty());
  }

  public BlockConfig withOutputNorms(boolean value) {
    return new BlockConfig(shiftedNorms, value, embeddingScale, finalSoftCap);
  }

  public BlockConfig withFinalSoftCap(OptionalDouble value) {
    return new BlockConfig(shiftedNorms, outputNorms, embeddingScale, value);
  }
}
