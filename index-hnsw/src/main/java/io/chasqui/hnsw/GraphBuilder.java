package io.chasqui.hnsw;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.VectorSource;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Builds an HNSW graph, on any number of threads the same: vectors are added in batches; those of a
 * batch look for neighbours in the graph as it was before the batch and among each other, and then
 * each node that got links is updated by one thread. One build.
 *
 * @see <a href="https://arxiv.org/abs/1603.09320">Malkov and Yashunin 2016, algorithm 1</a>
 */
final class GraphBuilder implements LinkTable {
  /** Vectors that are added at a time, once there are eight times as many. */
  private static final int MAX_BATCH = 64;

  private static final int MAX_LEVEL = 30;

  private final VectorSource vectors;
  private final GraphOptions options;
  private final int[] levels; // the highest of each node
  private final Links[][] links; // [ordinal][level]
  private final ThreadLocal<Selection> selections;
  private int entry;

  private GraphBuilder(VectorSource vectors, GraphOptions options) {
    this.vectors = vectors;
    this.options = options;
    int size = vectors.size();
    this.levels = new int[size];
    this.links = new Links[size][];
    SplittableRandom random = new SplittableRandom(options.seed());
    for (int node = 0; node < size; node++) {
      double level = -Math.log(1 - random.nextDouble()) / Math.log(options.maxConnections());
      levels[node] = (int) Math.min(MAX_LEVEL, level);
      links[node] = new Links[levels[node] + 1];
      Arrays.fill(links[node], Links.none());
    }
    this.selections = ThreadLocal.withInitial(() -> new Selection(vectors, maxLinks()));
  }

  /**
   * Builds a graph over at least one vector.
   *
   * @param progress told the number of vectors added so far
   */
  static Adjacency build(VectorSource vectors, GraphOptions options, IntConsumer progress) {
    GraphBuilder builder = new GraphBuilder(vectors, options);
    try (Workers workers = new Workers(options.threads())) {
      int added = 1; // the first node is the graph to begin with
      while (added < vectors.size()) {
        int batch = Math.min(MAX_BATCH, Math.max(1, added / 8));
        int end = Math.min(vectors.size(), added + batch);
        builder.add(added, end, workers);
        added = end;
        progress.accept(added);
      }
    }
    return builder.finish();
  }

  @Override
  public int maxLinks() {
    return maxLinks(0);
  }

  private int maxLinks(int level) {
    return level == 0 ? 2 * options.maxConnections() : options.maxConnections();
  }

  @Override
  public int links(int level, int ordinal, int[] target) {
    return links[ordinal][level].copyTo(target);
  }

  private void add(int from, int end, Workers workers) {
    Links[][] chosen = new Links[end - from][];
    workers.forEach(from, end, node -> chosen[node - from] = neighbours(node, from));
    int top = levels[entry];
    for (int node = from; node < end; node++) {
      links[node] = chosen[node - from];
      top = Math.max(top, levels[node]);
    }
    for (int level = 0; level <= top; level++) {
      BackLinks back = BackLinks.of(chosen, from, level);
      int on = level;
      workers.forEach(0, back.nodes(), i -> takeIn(back, i, on));
    }
    for (int node = from; node < end; node++) {
      if (levels[node] > levels[entry]) {
        entry = node;
      }
    }
  }

  /** The links of a new node on each of its levels. */
  private Links[] neighbours(int node, int batchFrom) {
    VectorSource.Comparison comparison = vectors.compareWith(node);
    Walk walk = new Walk(this, comparison, vectors.size());
    long[] batch = new long[node - batchFrom];
    for (int other = batchFrom; other < node; other++) {
      batch[other - batchFrom] = Heap.key(other, comparison.similarity(other));
    }
    Links[] mine = new Links[levels[node] + 1];
    long nearest = walk.start(entry);
    for (int level = Math.max(levels[entry], levels[node]); level >= 0; level--) {
      if (level > levels[node]) {
        nearest = walk.descend(level, nearest);
        continue;
      }
      long[] candidates = new long[0];
      if (level <= levels[entry]) {
        Heap found = walk.around(level, nearest, options.buildBreadth(), o -> true, Long.MAX_VALUE);
        candidates = new long[found.size()];
        while (found.size() > 0) {
          long key = found.top();
          found.removeTop();
          candidates[found.size()] = key;
        }
        nearest = candidates[0];
      }
      mine[level] = choose(candidates, batch, level);
    }
    return mine;
  }

  /** Links among those that were found and those of the same batch that have the level. */
  private Links choose(long[] found, long[] batch, int level) {
    long[] all = Arrays.copyOf(found, found.length + batch.length);
    int count = found.length;
    for (long key : batch) {
      if (levels[Heap.ordinal(key)] >= level) {
        all[count++] = key;
      }
    }
    Links.bestFirst(all, count);
    int kept = selections.get().choose(all, count, options.maxConnections());
    return Links.of(all, kept);
  }

  /** Links a node with those that have linked with it. */
  private void takeIn(BackLinks back, int place, int level) {
    int node = back.node(place);
    long[] keys = links[node][level].keysWith(back.keys(place), back.keys(place).length);
    int count = keys.length;
    if (count > maxLinks(level)) {
      count = selections.get().choose(keys, count, maxLinks(level));
    }
    links[node][level] = Links.of(keys, count);
  }

  private Adjacency finish() {
    int[][][] ordinals = new int[links.length][][];
    for (int node = 0; node < links.length; node++) {
      ordinals[node] = new int[links[node].length][];
      for (int level = 0; level < links[node].length; level++) {
        ordinals[node][level] = links[node][level].ordinals();
      }
    }
    Reachable.ensure(entry, ordinals, vectors);
    return Adjacency.of(entry, ordinals);
  }
}
