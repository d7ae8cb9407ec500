package io.chasqui.onnx;

import io.chasqui.checkpoint.ModelConfig;

/**
 * An estimate of the bytes that one call of a decoder needs beside its weights: the activations of
 * one layer (those of others are freed by then) and the attention scores. Errs on the high side.
 *
 * @param perToken bytes for each row × position
 * @param perPair bytes for each row × position × position
 */
record CallMemory(long perToken, long perPair) implements BatchPlanner.CallCost {
  private static final int STREAM_COPIES = 4; // residual, normed, projected, pooled
  private static final int HEAD_COPIES = 3; // query or key before and after rotation, transposed
  private static final int MLP_COPIES = 3; // gate, up, their product
  private static final int SCORE_COPIES = 3; // scores, masked, soft-maxed

  /**
   * Of a decoder.
   *
   * @param bytesPerFloat of an activation: 4, or 2 in half precision
   */
  static CallMemory of(ModelConfig config, int bytesPerFloat) {
    long heads = config.heads() + 2L * config.keyValueHeads();
    long floats =
        (long) STREAM_COPIES * config.hiddenSize()
            + HEAD_COPIES * heads * config.headDim()
            + (long) MLP_COPIES * config.intermediateSize();
    return new CallMemory(
        floats * bytesPerFloat, (long) SCORE_COPIES * config.heads() * bytesPerFloat);
  }

  @Override
  public long bytes(int rows, int longest) {
    return (long) rows * longest * (perToken + perPair * longest);
  }
}
