package io.chasqui.hnsw;

import io.chasqui.spi.Neighbours;
import java.util.Arrays;

/**
 * Ordinals with similarities, the best or the worst on top; of equal similarities the lower ordinal
 * is better. Grows. One thread.
 */
final class Heap {
  private final boolean bestOnTop;
  private int[] ordinals;
  private float[] similarities;
  private int size;

  private Heap(boolean bestOnTop, int capacity) {
    this.bestOnTop = bestOnTop;
    this.ordinals = new int[capacity];
    this.similarities = new float[capacity];
  }

  static Heap bestFirst(int capacity) {
    return new Heap(true, capacity);
  }

  static Heap worstFirst(int capacity) {
    return new Heap(false, capacity);
  }

  int size() {
    return size;
  }

  int topOrdinal() {
    return ordinals[0];
  }

  float topSimilarity() {
    return similarities[0];
  }

  /** Whether the top would have to give way to this one. */
  boolean isBelowTop(int ordinal, float similarity) {
    return better(ordinal, similarity, ordinals[0], similarities[0]) != bestOnTop;
  }

  private static boolean better(int a, float similarityA, int b, float similarityB) {
    return similarityA > similarityB || (similarityA == similarityB && a < b);
  }

  private boolean above(int ordinal, float similarity, int place) {
    return better(ordinal, similarity, ordinals[place], similarities[place]) == bestOnTop;
  }

  void add(int ordinal, float similarity) {
    if (size == ordinals.length) {
      ordinals = Arrays.copyOf(ordinals, size * 2);
      similarities = Arrays.copyOf(similarities, size * 2);
    }
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (!above(ordinal, similarity, parent)) {
        break;
      }
      ordinals[at] = ordinals[parent];
      similarities[at] = similarities[parent];
      at = parent;
    }
    ordinals[at] = ordinal;
    similarities[at] = similarity;
  }

  void removeTop() {
    int last = --size;
    int ordinal = ordinals[last];
    float similarity = similarities[last];
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= last) {
        break;
      }
      if (child + 1 < last && above(ordinals[child + 1], similarities[child + 1], child)) {
        child++;
      }
      if (above(ordinal, similarity, child)) {
        break;
      }
      ordinals[at] = ordinals[child];
      similarities[at] = similarities[child];
      at = child;
    }
    ordinals[at] = ordinal;
    similarities[at] = similarity;
  }

  void clear() {
    size = 0;
  }

  /** Empties a heap with the worst on top; the best comes first. */
  Neighbours drainWorstFirst() {
    int[] order = new int[size];
    float[] scores = new float[size];
    while (size > 0) {
      order[size - 1] = ordinals[0];
      scores[size - 1] = similarities[0];
      removeTop();
    }
    return new Neighbours(order, scores);
  }
}
