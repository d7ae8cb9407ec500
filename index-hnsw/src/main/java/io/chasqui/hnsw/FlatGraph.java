package io.chasqui.hnsw;

import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntPredicate;

/**
 * A built HNSW graph in arrays of numbers: who is linked with whom, on each level. Immutable;
 * searches share nothing, so any number of threads can search.
 */
final class FlatGraph implements VectorGraph {
  private final String name;
  private final VectorSource vectors;
  private final Adjacency links;

  FlatGraph(String name, VectorSource vectors, Adjacency links) {
    if (links.size() != vectors.size()) {
      throw new IllegalArgumentException(
          "a graph of " + links.size() + " ordinals over " + vectors.size() + " vectors");
    }
    this.name = name;
    this.vectors = vectors;
    this.links = links;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return links.size();
  }

  Adjacency links() {
    return links;
  }

  @Override
  public Neighbours search(float[] query, int k, int breadth, IntPredicate accept) {
    return search(query, k, breadth, accept, Integer.MAX_VALUE);
  }

  @Override
  public Neighbours search(
      float[] query, int k, int breadth, IntPredicate accept, int maxCompared) {
    if (query.length != vectors.dimension()) {
      throw new IllegalArgumentException(
          "the query has dimension " + query.length + ", not " + vectors.dimension());
    }
    if (k < 1 || breadth < k) {
      throw new IllegalArgumentException(
          "k must be positive and breadth at least k: " + k + ", " + breadth);
    }
    for (float value : query) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("the query holds " + value);
      }
    }
    if (size() == 0) {
      return new Neighbours(new int[0], new float[0]);
    }
    Walk walk = new Walk(links, vectors.compareWith(query), size());
    long nearest = walk.start(links.entry());
    for (int level = links.topLevel(); level > 0; level--) {
      nearest = walk.descend(level, nearest);
    }
    Heap found = walk.around(0, nearest, Math.min(breadth, size()), accept, maxCompared);
    if (walk.compared() > maxCompared) {
      return new Neighbours(new int[0], new float[0]);
    }
    while (found.size() > k) {
      found.removeTop();
    }
    return found.drainWorstFirst();
  }

  @Override
  public void write(OutputStream out) throws IOException {
    links.write(out);
  }
}
