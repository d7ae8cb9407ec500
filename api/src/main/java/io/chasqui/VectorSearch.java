package io.chasqui;

import java.util.List;

/**
 * Passages by nearness of their vectors to a query's: what an index offers to a {@link Retriever}.
 */
public interface VectorSearch {
  /** The space in which queries must be encoded. */
  EmbeddingSpace space();

  /**
   * The k passages with the highest dot product that the filter accepts, best first, ties by id;
   * fewer if fewer match.
   *
   * @param vector of {@code space().dimension()} finite floats
   * @throws IllegalArgumentException if the vector has another dimension or a value that is not
   *     finite, or k is not positive
   */
  List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline);
}
