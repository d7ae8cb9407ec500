package io.chasqui.spi;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntPredicate;

/**
 * A nearest-neighbour graph over the ordinals of one {@link VectorSource}. Derived data: it holds
 * no vector, id or text, and can be rebuilt. Thread-safe; never changes once built.
 */
public interface VectorGraph {
  /** The name under which its provider is found again. */
  String name();

  /** Number of ordinals in the graph. */
  int size();

  /**
   * The nearest accepted ordinals, best first; ties by ordinal.
   *
   * @param query of the source's dimension, finite
   * @param k how many, at least 1
   * @param breadth size of the candidate list (HNSW's efSearch), at least {@code k}
   * @param accept which ordinals may be returned; others are still walked through
   * @return at most {@code k} neighbours; fewer if the graph did not reach more
   */
  Neighbours search(float[] query, int k, int breadth, IntPredicate accept);

  /**
   * The same, but gives up when it has compared too many vectors: for filters under which a walk
   * finds so little that comparing every accepted vector is cheaper.
   *
   * @param maxCompared vectors that may be compared with the query, about
   * @return no neighbours if it gave up
   */
  default Neighbours search(
      float[] query, int k, int breadth, IntPredicate accept, int maxCompared) {
    return search(query, k, breadth, accept);
  }

  /** Writes what its provider's {@code read} needs. Must not use Java serialisation. */
  void write(OutputStream out) throws IOException;
}
