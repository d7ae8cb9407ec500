package io.chasqui.hnsw;

import io.chasqui.spi.VectorSource;

/**
 * Chooses the links of a node among candidates: a candidate that is nearer to one that was chosen
 * before than to the node itself is left out, since it is reached through that one. One thread.
 *
 * @see <a href="https://arxiv.org/abs/1603.09320">Malkov and Yashunin 2016, algorithm 4</a>
 */
final class Selection {
  /** Candidates that are compared with the chosen ones at a time. */
  private static final int WINDOW = 32;

  private final VectorSource vectors;
  private final int[] alive = new int[WINDOW]; // places of candidates not left out yet
  private final int[] ordinals = new int[WINDOW];
  private final float[] similarities = new float[WINDOW];
  private final VectorSource.Comparison[] chosen;

  /**
   * @param maxLinks the most that will be asked for
   */
  Selection(VectorSource vectors, int maxLinks) {
    this.vectors = vectors;
    this.chosen = new VectorSource.Comparison[maxLinks];
  }

  /**
   * Moves the chosen candidates to the front.
   *
   * @param candidates see {@link Heap#key}; the best first
   * @return how many were chosen
   */
  int choose(long[] candidates, int count, int max) {
    int kept = 0;
    for (int start = 0; start < count && kept < max; start += WINDOW) {
      int left = 0;
      for (int at = start; at < Math.min(count, start + WINDOW); at++) {
        alive[left++] = at;
      }
      for (int i = 0; i < kept; i++) {
        left = leaveOut(candidates, 0, left, chosen[i]);
      }
      for (int next = 0; next < left && kept < max; next++) {
        long key = candidates[alive[next]];
        chosen[kept] = vectors.compareWith(Heap.ordinal(key));
        candidates[kept] = key; // what stood here was seen before
        left = leaveOut(candidates, next + 1, left, chosen[kept]);
        kept++;
      }
    }
    return kept;
  }

  /** Those alive from a place on, without those nearer to {@code one} than to the node. */
  private int leaveOut(long[] candidates, int from, int left, VectorSource.Comparison one) {
    for (int i = from; i < left; i++) {
      ordinals[i - from] = Heap.ordinal(candidates[alive[i]]);
    }
    one.similarities(ordinals, left - from, similarities);
    int stay = from;
    for (int i = from; i < left; i++) {
      if (similarities[i - from] <= Heap.similarity(candidates[alive[i]])) {
        alive[stay++] = alive[i];
      }
    }
    return stay;
  }
}
