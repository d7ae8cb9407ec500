package io.chasqui.index;

import io.chasqui.spi.Neighbours;
import java.util.Arrays;

/** The best k ordinals seen so far; of equal similarities the lower ordinal. One thread. */
final class TopK {
  private final float[] similarities;
  private final int[] ordinals;
  private int size;

  TopK(int k) {
    this.similarities = new float[k];
    this.ordinals = new int[k];
  }

  void offer(int ordinal, float similarity) {
    if (size < ordinals.length) {
      similarities[size] = similarity;
      ordinals[size] = ordinal;
      int at = size++;
      while (at > 0 && worse(at, (at - 1) / 2)) {
        swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
      }
    } else if (similarity > similarities[0]
        || (similarity == similarities[0] && ordinal < ordinals[0])) {
      similarities[0] = similarity;
      ordinals[0] = ordinal;
      sift();
    }
  }

  /** The lowest similarity of those that are kept. At least one must have been offered. */
  float worst() {
    return similarities[0];
  }

  private void sift() {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && worse(child + 1, child)) {
        child++;
      }
      if (!worse(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean worse(int a, int b) {
    return similarities[a] < similarities[b]
        || (similarities[a] == similarities[b] && ordinals[a] > ordinals[b]);
  }

  private void swap(int a, int b) {
    float similarity = similarities[a];
    similarities[a] = similarities[b];
    similarities[b] = similarity;
    int ordinal = ordinals[a];
    ordinals[a] = ordinals[b];
    ordinals[b] = ordinal;
  }

  /** Best first; empties this. */
  Neighbours drain() {
    int[] best = new int[size];
    float[] scores = new float[size];
    while (size > 0) {
      int last = --size;
      best[last] = ordinals[0];
      scores[last] = similarities[0];
      ordinals[0] = ordinals[last];
      similarities[0] = similarities[last];
      sift();
    }
    return new Neighbours(best, scores);
  }

  @Override
  public String toString() {
    return Arrays.toString(ordinals);
  }
}
