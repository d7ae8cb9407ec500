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
 *
 * @see <a href="https://arxiv.org/abs/1603.09320">Malkov and Yashunin 2016, algorithms 2 and 5</a>
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
    VectorSource.Comparison comparison = vectors.compareWith(query);
    int entry = links.entry();
    float nearest = comparison.similarity(entry);
    for (int level = links.topLevel(); level > 0; level--) {
      int[] connected;
      int before;
      do { // greedy: as long as a link leads nearer
        before = entry;
        connected = links.connected(level, entry);
        for (int candidate : connected) {
          float similarity = comparison.similarity(candidate);
          if (similarity > nearest) {
            nearest = similarity;
            entry = candidate;
          }
        }
      } while (entry != before);
    }
    return searchGround(comparison, k, Math.min(breadth, size()), accept, entry, nearest);
  }

  /** Best first through level 0, until nothing on the way can improve the accepted ones. */
  private Neighbours searchGround(
      VectorSource.Comparison comparison,
      int k,
      int breadth,
      IntPredicate accept,
      int entry,
      float nearest) {
    long[] seen = new long[(size() + 63) / 64];
    Heap candidates = Heap.bestFirst(breadth);
    Heap found = Heap.worstFirst(breadth);
    candidates.add(entry, nearest);
    seen[entry >>> 6] |= 1L << entry;
    if (accept.test(entry)) {
      found.add(entry, nearest);
    }
    while (candidates.size() > 0) {
      if (found.size() == breadth && candidates.topSimilarity() < found.topSimilarity()) {
        break;
      }
      int current = candidates.topOrdinal();
      candidates.removeTop();
      for (int at = links.groundStart(current), end = links.groundEnd(current); at < end; at++) {
        int candidate = links.ground(at);
        if ((seen[candidate >>> 6] & 1L << candidate) != 0) {
          continue;
        }
        seen[candidate >>> 6] |= 1L << candidate;
        float similarity = comparison.similarity(candidate);
        if (found.size() < breadth || found.isBelowTop(candidate, similarity)) {
          candidates.add(candidate, similarity);
          if (accept.test(candidate)) {
            if (found.size() == breadth) {
              found.removeTop();
            }
            found.add(candidate, similarity);
          }
        }
      }
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
