package io.chasqui.onnx;

import java.util.Arrays;

/** Which vectors a block of codes holds, and what their codes stand for. Immutable. */
final class BlockRows {
  /** Rounding moves a product of a sum and a scale by less than this share. */
  private static final double ROUNDING = 1e-6;

  private final int[] ordinals;
  private final float[] scales;
  private final float smallest;
  private final float largest;

  /**
   * Rows of a block.
   *
   * @param ordinals of the vectors
   * @param scales what a code of 1 stands for in each; not negative
   */
  BlockRows(int[] ordinals, float[] scales) {
    this.ordinals = ordinals;
    this.scales = scales;
    float least = Float.POSITIVE_INFINITY;
    float most = 0f;
    for (float scale : scales) {
      least = Math.min(least, scale);
      most = Math.max(most, scale);
    }
    this.smallest = least;
    this.largest = most;
  }

  int size() {
    return ordinals.length;
  }

  int ordinal(int row) {
    return ordinals[row];
  }

  /** The score that a sum of products stands for; never −0. */
  float score(int row, int sum) {
    return sum * scales[row] + 0f;
  }

  /** Lower sums of any row stand for scores below this one. */
  int lowestSum(float score) {
    if (score >= Float.MIN_NORMAL) {
      return (int) Math.floor(score / (double) largest * (1 - ROUNDING));
    }
    if (score > 0) {
      return 1; // products may have been rounded up to it
    }
    if (smallest < Float.MIN_NORMAL) {
      return Integer.MIN_VALUE;
    }
    return (int) Math.floor(score / (double) smallest * (1 + ROUNDING));
  }

  @Override
  public String toString() {
    return "BlockRows" + Arrays.toString(ordinals);
  }
}
