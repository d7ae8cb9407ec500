package io.chasqui.djl;

import java.util.Arrays;
import java.util.List;

/**
 * Sequences of ids that go through the model together, padded at the right to the longest.
 *
 * @param rows ids, at least one each
 * @param padId what fills the rest
 * @param key distinguishes this block from others of the same step, for dropout
 */
record TokenBlock(List<int[]> rows, int padId, long key) {
  TokenBlock {
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("no rows");
    }
  }

  int size() {
    return rows.size();
  }

  int longest() {
    return rows.stream().mapToInt(row -> row.length).max().orElse(0);
  }

  /** Padded ids, row-major. */
  long[] padded() {
    int longest = longest();
    long[] ids = new long[rows.size() * longest];
    Arrays.fill(ids, padId);
    for (int i = 0; i < rows.size(); i++) {
      int[] row = rows.get(i);
      for (int j = 0; j < row.length; j++) {
        ids[i * longest + j] = row[j];
      }
    }
    return ids;
  }

  /** Index of each row's last real token in the padded, flattened block. */
  long[] lastTokens() {
    int longest = longest();
    long[] last = new long[rows.size()];
    for (int i = 0; i < last.length; i++) {
      last[i] = (long) i * longest + rows.get(i).length - 1;
    }
    return last;
  }

  /** Index of each row's first token in the padded, flattened block. */
  long[] firstTokens() {
    int longest = longest();
    long[] first = new long[rows.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = (long) i * longest;
    }
    return first;
  }

  /** What each token counts in its row's mean, row-major: 1/length, or 0 where padding is. */
  float[] meanShares() {
    int longest = longest();
    float[] shares = new float[rows.size() * longest];
    for (int i = 0; i < rows.size(); i++) {
      int length = rows.get(i).length;
      Arrays.fill(shares, i * longest, i * longest + length, 1f / length);
    }
    return shares;
  }
}
