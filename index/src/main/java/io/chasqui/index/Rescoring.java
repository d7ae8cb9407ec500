package io.chasqui.index;

import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorSource;

/**
 * Scores what codes found by full vectors, from the best downwards, until what is left can hardly
 * be among the k best: until its score by codes and twice the largest error seen so far stay below
 * the k-th score. A full vector is a row to be read from a file, so the fewer the better.
 */
final class Rescoring {
  /** Rows from which the error of codes is estimated, at the least. */
  private static final int FIRST = 8;

  private static final int TOGETHER = 4; // rows that a kernel compares at once
  private static final float ERRORS_ALLOWED = 2;

  private Rescoring() {}

  /**
   * The k best of some rows.
   *
   * @param rough rows by the score of their codes, the best first
   * @param exact compares full vectors with the query
   */
  static Neighbours best(Neighbours rough, int k, VectorSource.Comparison exact) {
    int count = rough.size();
    TopK best = new TopK(Math.min(k, count));
    float error = 0;
    int[] ordinals = new int[Math.max(TOGETHER, Math.max(k, FIRST))];
    float[] similarities = new float[ordinals.length];
    for (int done = 0; done < count; ) {
      if (done > 0 && rough.similarities()[done] + ERRORS_ALLOWED * error < best.worst()) {
        break;
      }
      int rows = Math.min(done == 0 ? Math.max(k, FIRST) : TOGETHER, count - done);
      System.arraycopy(rough.ordinals(), done, ordinals, 0, rows);
      exact.similarities(ordinals, rows, similarities);
      for (int i = 0; i < rows; i++) {
        error = Math.max(error, Math.abs(similarities[i] - rough.similarities()[done + i]));
        best.offer(ordinals[i], similarities[i]);
      }
      done += rows;
    }
    return best.drain();
  }
}
