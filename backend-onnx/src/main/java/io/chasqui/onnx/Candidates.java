package io.chasqui.onnx;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The best ordinals of one query so far, by the scores of its codes; the lower ordinal first among
 * equals. Blocks offer theirs in any order. Thread-safe.
 */
final class Candidates {
  /** Rows that a block has at most. */
  static final int MAX_ROWS = 1 << 10;

  /** Groups of eight rows, which lie so far apart: one flag says whether to look at them. */
  static final int GROUPS = MAX_ROWS / 8;

  /** The lowest sum of products of signed bytes, none of them −128, of 65,536 dimensions. */
  private static final int LOWEST = -127 * 127 * (1 << 16);

  private static final int SPARE = 16;

  private final int wanted;
  private final long[] keys; // of RankKey: the best are among the first size of them
  private int size;
  private volatile long bar = Long.MIN_VALUE; // only rises; what is not above is no candidate

  Candidates(int wanted) {
    this.wanted = wanted;
    this.keys = new long[(int) Math.min(2L * wanted + SPARE, Integer.MAX_VALUE - SPARE)];
  }

  /**
   * Takes what is among the best of a block.
   *
   * @param sums of products of codes, by row; {@value #MAX_ROWS}, those behind the block's are
   *     overwritten
   * @param flags to work in; {@value #GROUPS}
   * @param accepted ordinals that may be found; null for all
   */
  void offer(int[] sums, int[] flags, BlockRows rows, @Nullable BitSet accepted) {
    Arrays.fill(sums, rows.size(), MAX_ROWS, LOWEST);
    flag(sums, floor(rows) - 1, flags);
    take(sums, flags, rows, accepted);
  }

  /**
   * Makes the flag of each group negative in which a sum is above a limit. Differences fit 32 bits;
   * without a branch or {@code Math.max}, and with distances that the compiler knows, JDK 17 makes
   * vector instructions of it.
   */
  private static void flag(int[] sums, int limit, int[] flags) {
    for (int i = 0; i < GROUPS; i++) {
      flags[i] =
          (limit - sums[i])
              | (limit - sums[i + GROUPS])
              | (limit - sums[i + 2 * GROUPS])
              | (limit - sums[i + 3 * GROUPS])
              | (limit - sums[i + 4 * GROUPS])
              | (limit - sums[i + 5 * GROUPS])
              | (limit - sums[i + 6 * GROUPS])
              | (limit - sums[i + 7 * GROUPS]);
    }
  }

  private synchronized void take(
      int[] sums, int[] flags, BlockRows rows, @Nullable BitSet accepted) {
    int floor = floor(rows);
    for (int i = 0; i < GROUPS; i++) {
      if (flags[i] < 0) { // seldom
        for (int row = i; row < rows.size(); row += GROUPS) {
          if (sums[row] >= floor && add(sums[row], row, rows, accepted)) {
            floor = floor(rows);
          }
        }
      }
    }
  }

  /** Lower sums of these rows are none of the best. */
  private int floor(BlockRows rows) {
    long reached = bar;
    if (reached == Long.MIN_VALUE) {
      return LOWEST;
    }
    return Math.max(LOWEST, Math.min(-LOWEST, rows.lowestSum(RankKey.score(reached))));
  }

  /** Whether the bar has been raised. */
  private boolean add(int sum, int row, BlockRows rows, @Nullable BitSet accepted) {
    int ordinal = rows.ordinal(row);
    long key = RankKey.of(rows.score(row, sum), ordinal);
    if (key <= bar || (accepted != null && !accepted.get(ordinal))) {
      return false;
    }
    keys[size++] = key;
    if (size < keys.length) {
      return false;
    }
    cut();
    return true;
  }

  private void cut() {
    if (size > wanted) {
      RankKey.select(keys, size, wanted);
      size = wanted;
      bar = keys[wanted - 1];
    }
  }

  /** The ordinals of the best, in no order. */
  synchronized int[] ordinals() {
    cut();
    int[] ordinals = new int[size];
    for (int i = 0; i < size; i++) {
      ordinals[i] = RankKey.ordinal(keys[i]);
    }
    return ordinals;
  }

  /** The highest score; −∞ if there is none. */
  synchronized float best() {
    float best = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      best = Math.max(best, RankKey.score(keys[i]));
    }
    return best;
  }
}
