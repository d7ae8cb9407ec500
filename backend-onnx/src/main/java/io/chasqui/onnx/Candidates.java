package io.chasqui.onnx;

import java.util.Arrays;

/**
 * The best ordinals of one query so far, by the scores of its codes; the lower ordinal first among
 * equals. Blocks offer theirs in any order. Thread-safe.
 */
final class Candidates {
  private final float[] scores; // a heap: the worst comes first
  private final int[] ordinals;
  private int size;

  Candidates(int wanted) {
    this.scores = new float[wanted];
    this.ordinals = new int[wanted];
  }

  /**
   * Takes what is among the best of a block.
   *
   * @param block scores by row; −∞ is none
   * @param rows number of them
   * @param first ordinal of the first row
   */
  synchronized void offer(float[] block, int rows, int first) {
    int row = 0;
    for (; row < rows && size < scores.length; row++) {
      if (block[row] > Float.NEGATIVE_INFINITY) {
        rise(size++, block[row], first + row);
      }
    }
    if (size < scores.length) {
      return;
    }
    float worst = scores[0];
    for (; row < rows; row++) { // most fail the first comparison
      if (block[row] >= worst
          && block[row] > Float.NEGATIVE_INFINITY
          && isWorse(0, block[row], first + row)) {
        sink(block[row], first + row);
        worst = scores[0];
      }
    }
  }

  /** Whether what stands at a place is worse than this. */
  private boolean isWorse(int place, float score, int ordinal) {
    return scores[place] < score || (scores[place] == score && ordinals[place] > ordinal);
  }

  private void rise(int from, float score, int ordinal) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (isWorse(parent, score, ordinal)) {
        break;
      }
      put(place, scores[parent], ordinals[parent]);
      place = parent;
    }
    put(place, score, ordinal);
  }

  /** Puts this in place of the worst. */
  private void sink(float score, int ordinal) {
    int place = 0;
    for (int child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && isWorse(child + 1, scores[child], ordinals[child])) {
        child++;
      }
      if (!isWorse(child, score, ordinal)) {
        break;
      }
      put(place, scores[child], ordinals[child]);
      place = child;
    }
    put(place, score, ordinal);
  }

  private void put(int place, float score, int ordinal) {
    scores[place] = score;
    ordinals[place] = ordinal;
  }

  /** The lowest score that is kept. */
  synchronized float worst() {
    return scores[0];
  }

  /** Their ordinals, in no order. */
  synchronized int[] ordinals() {
    return Arrays.copyOf(ordinals, size);
  }
}
