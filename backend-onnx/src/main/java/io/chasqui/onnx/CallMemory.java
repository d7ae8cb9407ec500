package io.chasqui.onnx;

import io.chasqui.checkpoint.GraphConfig;
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
  private static final int USUAL_HEAD = 64;
  private static final int USUAL_EXPANSION = 4;

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

  /**
   * Of an exported graph. Where {@code config.json} is silent, the usual proportions are assumed:
   * heads of 64, an MLP four times as wide.
   *
   * @param width of its output, where the width of hidden states is unknown
   */
  static CallMemory of(GraphConfig config, int width, int bytesPerFloat) {
    long hidden = config.hiddenSize() > 0 ? config.hiddenSize() : width;
    long heads = config.heads() > 0 ? config.heads() : Math.max(1, hidden / USUAL_HEAD);
    long inner = config.innerSize() > 0 ? config.innerSize() : USUAL_EXPANSION * hidden;
    long floats = STREAM_COPIES * hidden + HEAD_COPIES * 3 * hidden + MLP_COPIES * inner;
    return new CallMemory(floats * bytesPerFloat, SCORE_COPIES * heads * bytesPerFloat);
  }

  @Override
  public long bytes(int rows, int longest) {
    return (long) rows * longest * (perToken + perPair * longest);
  }
}
