package io.chasqui.hnsw;

import java.util.Arrays;

/**
 * The links that the nodes of a batch have made on one level, by the node that they lead to.
 * Immutable.
 */
final class BackLinks {
  private final int[] nodes; // ascending
  private final long[][] keys; // of the nodes that link, with the similarity

  private BackLinks(int[] nodes, long[][] keys) {
    this.nodes = nodes;
    this.keys = keys;
  }

  /**
   * @param chosen [node − from][level]
   */
  static BackLinks of(Links[][] chosen, int from, int level) {
    int total = 0;
    for (Links[] levels : chosen) {
      total += level < levels.length ? levels[level].size() : 0;
    }
    long[] order = new long[total]; // target, then node and place
    int at = 0;
    for (int node = 0; node < chosen.length; node++) {
      if (level < chosen[node].length) {
        for (int i = 0; i < chosen[node][level].size(); i++) {
          order[at++] = ((long) chosen[node][level].ordinal(i) << 32) | ((long) node << 16) | i;
        }
      }
    }
    Arrays.sort(order);
    int[] nodes = new int[total];
    long[][] keys = new long[total][];
    int count = 0;
    for (int start = 0; start < total; count++) {
      nodes[count] = (int) (order[start] >>> 32);
      int end = start;
      while (end < total && (int) (order[end] >>> 32) == nodes[count]) {
        end++;
      }
      keys[count] = new long[end - start];
      for (int i = start; i < end; i++) {
        int node = ((int) order[i]) >>> 16;
        float similarity = chosen[node][level].similarity((int) (order[i] & 0xffff));
        keys[count][i - start] = Heap.key(from + node, similarity);
      }
      start = end;
    }
    return new BackLinks(Arrays.copyOf(nodes, count), Arrays.copyOf(keys, count));
  }

  /** Number of nodes that are linked with. */
  int nodes() {
    return nodes.length;
  }

  int node(int place) {
    return nodes[place];
  }

  long[] keys(int place) {
    return keys[place];
  }
}
