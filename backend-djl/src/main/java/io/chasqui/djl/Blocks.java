package io.chasqui.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a batch in blocks of similar length.
 *
 * @param blocks rows, longest first
 * @param places for each row of the batch, in its order: its place among the blocks' rows
 */
@SuppressWarnings("ArrayRecordComponent") // local carrier
record Blocks(List<TokenBlock> blocks, long[] places) {
  /** Blocks at least this full are closed where the next row is much shorter. */
  private static final int WORTHWHILE_TOKENS = 512;

  /**
   * Sorts rows by length and cuts them into blocks.
   *
   * @param maxTokens of a block, padding included; a row that is longer has a block of its own
   * @param key of the first block; the others count on
   */
  static Blocks pack(List<int[]> rows, int maxTokens, int padId, long key) {
    Integer[] order = new Integer[rows.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (i, j) -> Integer.compare(rows.get(j).length, rows.get(i).length));
    List<TokenBlock> blocks = new ArrayList<>();
    long[] places = new long[order.length];
    List<int[]> open = new ArrayList<>();
    for (int place = 0; place < order.length; place++) {
      int[] row = rows.get(order[place]);
      places[order[place]] = place;
      if (!open.isEmpty() && isFull(open, row, maxTokens)) {
        blocks.add(new TokenBlock(open, padId, key + blocks.size()));
        open.clear();
      }
      open.add(row);
    }
    blocks.add(new TokenBlock(open, padId, key + blocks.size()));
    return new Blocks(blocks, places);
  }

  private static boolean isFull(List<int[]> open, int[] next, int maxTokens) {
    int longest = open.get(0).length;
    long tokens = (long) longest * open.size();
    return tokens + longest > maxTokens
        || (tokens >= WORTHWHILE_TOKENS && next.length * 4 < longest * 3);
  }
}
