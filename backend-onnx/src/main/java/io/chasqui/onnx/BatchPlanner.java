package io.chasqui.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What decides which rows run together: longest first, rows of similar length in one call, within a
 * budget of tokens and of bytes, with little padding. Immutable.
 *
 * @param maxTokens rows × longest row of one call; a single longer row goes alone
 * @param maxPaddingShare of those tokens at most this share is padding, in [0, 1)
 * @param cost bytes that a call needs
 * @param maxBytes of one call; a single row that needs more goes alone
 */
record BatchPlanner(long maxTokens, double maxPaddingShare, CallCost cost, long maxBytes) {

  /** Estimates the bytes that a call of {@code rows} rows, padded to {@code longest}, needs. */
  @FunctionalInterface
  interface CallCost {
    long bytes(int rows, int longest);
  }

  /**
   * Batches of row numbers, each number from 0 to {@code lengths.length - 1} in exactly one of
   * them. Rows of a batch, and the batches, stand longest first: running out of memory shows early
   * and the last calls are short, so that parallel workers finish together.
   *
   * @param lengths tokens of each row
   */
  List<int[]> plan(int[] lengths) {
    Integer[] order = new Integer[lengths.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingInt(row -> lengths[row]).reversed()); // stable: ties in order
    List<int[]> batches = new ArrayList<>();
    int start = 0;
    while (start < order.length) {
      int longest = lengths[order[start]];
      long real = longest;
      int end = start + 1;
      while (end < order.length && fits(end + 1 - start, longest, real + lengths[order[end]])) {
        real += lengths[order[end]];
        end++;
      }
      batches.add(Arrays.stream(order, start, end).mapToInt(Integer::intValue).toArray());
      start = end;
    }
    return batches;
  }

  private boolean fits(int rows, int longest, long realTokens) {
    long padded = (long) rows * longest;
    return padded <= maxTokens
        && padded - realTokens <= maxPaddingShare * padded
        && cost.bytes(rows, longest) <= maxBytes;
  }
}
