package io.chasqui.hnsw;

import io.chasqui.spi.VectorSource;
import java.util.function.IntPredicate;

/**
 * One search through a graph: which nodes are near a query. One thread.
 *
 * @see <a href="https://arxiv.org/abs/1603.09320">Malkov and Yashunin 2016, algorithms 2 and 5</a>
 */
final class Walk {
  private final LinkTable table;
  private final VectorSource.Comparison comparison;
  private final int size;
  private final int[] fresh;
  private final float[] similarities;
  private long compared;

  /**
   * @param comparison with the query
   * @param size of the graph
   */
  Walk(LinkTable table, VectorSource.Comparison comparison, int size) {
    this.table = table;
    this.comparison = comparison;
    this.size = size;
    this.fresh = new int[table.maxLinks()];
    this.similarities = new float[fresh.length];
  }

  /** A node with its similarity, to begin with. */
  long start(int ordinal) {
    compared++;
    return Heap.key(ordinal, comparison.similarity(ordinal));
  }

  /** Vectors compared so far. */
  long compared() {
    return compared;
  }

  /** Follows links of one level as long as one leads nearer; the last node. */
  long descend(int level, long from) {
    long best = from;
    long before;
    do {
      before = best;
      int count = table.links(level, Heap.ordinal(best), fresh);
      compare(count);
      for (int i = 0; i < count; i++) {
        if (similarities[i] > Heap.similarity(best)) {
          best = Heap.key(fresh[i], similarities[i]);
        }
      }
    } while (best != before);
    return best;
  }

  private void compare(int count) {
    comparison.similarities(fresh, count, similarities);
    compared += count;
  }

  /**
   * Best first through one level, until nothing on the way can improve the accepted ones.
   *
   * @param breadth number of accepted ones that are kept
   * @param maxCompared vectors that may be compared, about; then the walk stops where it is
   * @return the accepted ones, the worst on top
   */
  Heap around(int level, long from, int breadth, IntPredicate accept, long maxCompared) {
    long[] seen = new long[(size + 63) / 64];
    Heap candidates = Heap.bestFirst(2 * breadth);
    Heap found = Heap.worstFirst(breadth);
    int entry = Heap.ordinal(from);
    candidates.add(from);
    seen[entry >>> 6] |= 1L << entry;
    if (accept.test(entry)) {
      found.add(from);
    }
    while (candidates.size() > 0 && compared <= maxCompared) {
      long current = candidates.top();
      if (found.size() == breadth && Heap.similarity(current) < Heap.similarity(found.top())) {
        break;
      }
      candidates.removeTop();
      int links = table.links(level, Heap.ordinal(current), fresh);
      int count = 0;
      for (int i = 0; i < links; i++) {
        int neighbour = fresh[i];
        long bit = 1L << neighbour;
        if ((seen[neighbour >>> 6] & bit) == 0) {
          seen[neighbour >>> 6] |= bit;
          fresh[count++] = neighbour;
        }
      }
      compare(count);
      for (int i = 0; i < count; i++) {
        long key = Heap.key(fresh[i], similarities[i]);
        if (found.size() < breadth) {
          candidates.add(key);
          if (accept.test(fresh[i])) {
            found.add(key);
          }
        } else if (key > found.top()) {
          candidates.add(key);
          if (accept.test(fresh[i])) {
            found.replaceTop(key);
          }
        }
      }
    }
    return found;
  }
}
