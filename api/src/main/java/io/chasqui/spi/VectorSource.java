package io.chasqui.spi;

/**
 * The vectors of one sealed segment, by ordinal from 0: what a {@link VectorGraph} is built over
 * and compares with. Thread-safe; the vectors never change.
 */
public interface VectorSource {
  /** Number of vectors. */
  int size();

  /** Floats per vector. */
  int dimension();

  /** Copies one vector to {@code target[0..dimension)}. */
  void copy(int ordinal, float[] target);

  /** Similarity of one vector to a query: their dot product; higher is nearer. */
  float similarity(int ordinal, float[] query);

  /** Similarity of two vectors of this source. */
  float similarity(int ordinal, int otherOrdinal);

  /**
   * Similarities to one query, which may be prepared once for many comparisons (quantised, say).
   * The answer is confined to one thread.
   */
  default Comparison compareWith(float[] query) {
    return ordinal -> similarity(ordinal, query);
  }

  /** Similarities to one query. */
  @FunctionalInterface
  interface Comparison {
    /** What {@link VectorSource#similarity(int, float[])} gives for this query. */
    float similarity(int ordinal);
  }
}
