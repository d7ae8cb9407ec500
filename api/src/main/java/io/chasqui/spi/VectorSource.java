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

  /**
   * Similarities to one vector of this source, as {@link #similarity(int, int)} gives them. The
   * answer is confined to one thread.
   */
  default Comparison compareWith(int ordinal) {
    return other -> similarity(other, ordinal);
  }

  /** Similarities to one query. */
  @FunctionalInterface
  interface Comparison {
    /** What {@link VectorSource#similarity(int, float[])} gives for this query. */
    float similarity(int ordinal);

    /**
     * The similarities of several vectors: the same as one by one, but the memory may be asked for
     * several at a time.
     *
     * @param ordinals of which the first {@code count} are compared
     * @param similarities as long as {@code ordinals}; the first {@code count} are written
     */
    default void similarities(int[] ordinals, int count, float[] similarities) {
      for (int i = 0; i < count; i++) {
        similarities[i] = similarity(ordinals[i]);
      }
    }
  }
}
