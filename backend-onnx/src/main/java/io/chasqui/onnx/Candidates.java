package io.chasqui.onnx;

import java.util.Arrays;

/**
 * The best ordinals of several queries so far, by the scores of their codes; the lower ordinal
 * first among equals. Blocks bring theirs in any order. Thread-safe.
 */
final class Candidates {
  private final int wanted;
  private final float[][] scores; // by query, descending, at most `wanted`
  private final int[][] ordinals;

  Candidates(int queries, int wanted) {
    this.wanted = wanted;
    this.scores = new float[queries][0];
    this.ordinals = new int[queries][0];
  }

  /**
   * Merges what one block found for one query.
   *
   * @param found scores in descending order, equal ones by ascending ordinal; what is −∞ is none
   */
  synchronized void merge(int query, float[] found, int[] foundOrdinals) {
    float[] known = scores[query];
    int[] knownOrdinals = ordinals[query];
    int room = Math.min(wanted, known.length + found.length);
    float[] merged = new float[room];
    int[] mergedOrdinals = new int[room];
    int size = 0;
    int a = 0;
    int b = 0;
    while (size < room) {
      boolean none = b == found.length || found[b] == Float.NEGATIVE_INFINITY;
      if (none && a == known.length) {
        break;
      }
      boolean takeKnown =
          none
              || (a < known.length
                  && (known[a] > found[b]
                      || (known[a] == found[b] && knownOrdinals[a] < foundOrdinals[b])));
      merged[size] = takeKnown ? known[a] : found[b];
      mergedOrdinals[size++] = takeKnown ? knownOrdinals[a++] : foundOrdinals[b++];
    }
    scores[query] = size == room ? merged : Arrays.copyOf(merged, size);
    ordinals[query] = size == room ? mergedOrdinals : Arrays.copyOf(mergedOrdinals, size);
  }

  /** A score of a query's codes, by rank from 0. */
  synchronized float score(int query, int rank) {
    return scores[query][rank];
  }

  /** Ordinals of a query, best first. */
  synchronized int[] of(int query) {
    return ordinals[query];
  }
}
