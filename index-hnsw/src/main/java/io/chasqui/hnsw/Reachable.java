package io.chasqui.hnsw;

import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorSource;
import java.util.Arrays;

/**
 * Makes every ordinal reachable on level 0. Pruning links, and threads that add at the same time,
 * may leave some that no search could find.
 */
final class Reachable {
  /** Candidates when looking for where to hang an ordinal. */
  private static final int BREADTH = 32;

  private Reachable() {}

  /**
   * Adds links to a graph that is not shared yet.
   *
   * @param links [ordinal][level][n]; lists that grow are replaced
   */
  static void ensure(int entry, int[][][] links, VectorSource vectors) {
    boolean[] reached = new boolean[links.length];
    int count = mark(entry, links, reached);
    if (count == links.length) {
      return;
    }
    FlatGraph graph = new FlatGraph("", vectors, Adjacency.of(entry, links));
    float[] vector = new float[vectors.dimension()];
    for (int lost = 0; lost < links.length; lost++) {
      if (reached[lost]) {
        continue;
      }
      vectors.copy(lost, vector);
      Neighbours near = graph.search(vector, 1, BREADTH, ordinal -> reached[ordinal]);
      int from = near.size() == 0 ? entry : near.ordinals()[0];
      int[] before = links[from][0];
      links[from][0] = Arrays.copyOf(before, before.length + 1);
      links[from][0][before.length] = lost;
      mark(lost, links, reached);
    }
  }

  private static int mark(int start, int[][][] links, boolean[] reached) {
    int[] queue = new int[links.length];
    int tail = 0;
    queue[tail++] = start;
    reached[start] = true;
    for (int head = 0; head < tail; head++) {
      for (int next : links[queue[head]][0]) {
        if (!reached[next]) {
          reached[next] = true;
          queue[tail++] = next;
        }
      }
    }
    return tail;
  }
}
