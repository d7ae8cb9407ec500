package io.chasqui.onnx;

/**
 * A score and an ordinal in one number, which is the larger the better: by score, and the lower
 * ordinal of equal scores.
 */
final class RankKey {
  private RankKey() {}

  static long of(float score, int ordinal) {
    return (long) flipped(Float.floatToRawIntBits(score)) << 32 | (~ordinal & 0xFFFF_FFFFL);
  }

  static float score(long key) {
    return Float.intBitsToFloat(flipped((int) (key >> 32)));
  }

  static int ordinal(long key) {
    return ~(int) key;
  }

  /** Bits of a float to an integer that is ordered alike, and back. */
  private static int flipped(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /** Moves the {@code wanted} largest of the first {@code size} to the front, the least last. */
  static void select(long[] keys, int size, int wanted) {
    int low = 0;
    int high = size - 1;
    while (low < high) {
      long pivot = middle(keys[low], keys[(low + high) >>> 1], keys[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (keys[i] > pivot) {
          i++;
        }
        while (keys[j] < pivot) {
          j--;
        }
        if (i <= j) {
          long swapped = keys[i];
          keys[i++] = keys[j];
          keys[j--] = swapped;
        }
      }
      if (wanted - 1 <= j) {
        high = j;
      } else if (wanted - 1 >= i) {
        low = i;
      } else {
        return;
      }
    }
  }

  private static long middle(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
