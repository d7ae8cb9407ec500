package io.chasqui.spi;

import java.util.List;

/**
 * Token ids for one run of a model, without padding.
 *
 * @param role the role (adapter, pooling, head) that all rows use
 * @param rows ids of each row, at least one row, none empty; not copied: do not write to them
 * @param sharedPrefix number of leading ids that all rows have in common and that a runner may
 *     compute once; 0 if unknown
 */
public record TokenBatch(String role, List<int[]> rows, int sharedPrefix) {
  public TokenBatch {
    rows = List.copyOf(rows);
    if (rows.isEmpty() || rows.stream().anyMatch(row -> row.length == 0)) {
      throw new IllegalArgumentException("a batch needs at least one row, and no empty one");
    }
    if (sharedPrefix < 0 || rows.stream().anyMatch(row -> row.length < sharedPrefix)) {
      throw new IllegalArgumentException("no such shared prefix: " + sharedPrefix);
    }
  }

  /** Length of the longest row. */
  public int longest() {
    return rows.stream().mapToInt(row -> row.length).max().orElseThrow();
  }
}
