package io.chasqui.hnsw;

import java.util.Arrays;

/** The links of one node on one level while a graph is built, with their similarities. */
final class Links {
  private static final Links NONE = new Links(new int[0], new float[0]);

  private final int[] ordinals;
  private final float[] similarities;

  private Links(int[] ordinals, float[] similarities) {
    this.ordinals = ordinals;
    this.similarities = similarities;
  }

  static Links none() {
    return NONE;
  }

  /** Links to the ordinals of keys, see {@link Heap#key}. */
  static Links of(long[] keys, int count) {
    int[] ordinals = new int[count];
    float[] similarities = new float[count];
    for (int i = 0; i < count; i++) {
      ordinals[i] = Heap.ordinal(keys[i]);
      similarities[i] = Heap.similarity(keys[i]);
    }
    return new Links(ordinals, similarities);
  }

  int size() {
    return ordinals.length;
  }

  int ordinal(int at) {
    return ordinals[at];
  }

  float similarity(int at) {
    return similarities[at];
  }

  /** A copy of the ordinals. */
  int[] ordinals() {
    return ordinals.clone();
  }

  int copyTo(int[] target) {
    System.arraycopy(ordinals, 0, target, 0, ordinals.length);
    return ordinals.length;
  }

  /** These and more, as keys, the best first. */
  long[] keysWith(long[] more, int count) {
    long[] keys = new long[ordinals.length + count];
    for (int i = 0; i < ordinals.length; i++) {
      keys[i] = Heap.key(ordinals[i], similarities[i]);
    }
    System.arraycopy(more, 0, keys, ordinals.length, count);
    return bestFirst(keys, keys.length);
  }

  /** Sorts the first keys. */
  static long[] bestFirst(long[] keys, int count) {
    Arrays.sort(keys, 0, count);
    for (int i = 0, j = count - 1; i < j; i++, j--) {
      long key = keys[i];
      keys[i] = keys[j];
      keys[j] = key;
    }
    return keys;
  }
}
