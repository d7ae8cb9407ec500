package io.chasqui.hnsw;

import io.chasqui.spi.Neighbours;
import java.util.Arrays;

/**
 * Ordinals with similarities, the best or the worst on top; of equal similarities the lower ordinal
 * is better. Each is one number, whose order is theirs. Grows. One thread.
 */
final class Heap {
  private final long flip; // all ones if the best is on top
  private long[] keys; // the least on top
  private int size;

  private Heap(boolean bestOnTop, int capacity) {
    this.flip = bestOnTop ? -1L : 0L;
    this.keys = new long[Math.max(1, capacity)];
  }

  static Heap bestFirst(int capacity) {
    return new Heap(true, capacity);
  }

  static Heap worstFirst(int capacity) {
    return new Heap(false, capacity);
  }

  /** Greater if better. */
  static long key(int ordinal, float similarity) {
    int bits = Float.floatToRawIntBits(similarity + 0f); // −0 becomes 0
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | (~ordinal & 0xffff_ffffL);
  }

  static int ordinal(long key) {
    return ~(int) key;
  }

  static float similarity(long key) {
    int ordered = (int) (key >> 32);
    return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
  }

  int size() {
    return size;
  }

  /** The key on top. */
  long top() {
    return keys[0] ^ flip;
  }

  void add(long key) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
    }
    long added = key ^ flip;
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (keys[parent] <= added) {
        break;
      }
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = added;
  }

  void removeTop() {
    sink(keys[--size]);
  }

  /** Removes the top and adds another. */
  void replaceTop(long key) {
    sink(key ^ flip);
  }

  private void sink(long key) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && keys[child + 1] < keys[child]) {
        child++;
      }
      if (key <= keys[child]) {
        break;
      }
      keys[at] = keys[child];
      at = child;
    }
    keys[at] = key;
  }

  /** Empties a heap with the worst on top; the best comes first. */
  Neighbours drainWorstFirst() {
    int[] order = new int[size];
    float[] scores = new float[size];
    while (size > 0) {
      long key = top();
      removeTop();
      order[size] = ordinal(key);
      scores[size] = similarity(key);
    }
    return new Neighbours(order, scores);
  }
}
