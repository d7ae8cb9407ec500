package io.chasqui;

import java.util.ArrayList;
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

  /**
   * {@link #search} for many queries: one list a row, in order. Implementations that compare many
   * at once override this.
   *
   * @param queries rows of {@code space().dimension()} floats
   * @param deadline for all of them
   * @throws IllegalArgumentException as {@code search}, or if a row failed
   */
  default List<List<ScoredPassage>> searchAll(
      Embeddings queries, int k, Filter filter, Deadline deadline) {
    List<List<ScoredPassage>> answers = new ArrayList<>(queries.size());
    for (int row = 0; row < queries.size(); row++) {
      int query = row;
      queries
          .failure(row)
          .ifPresent(
              reason -> {
                throw new IllegalArgumentException("query " + query + " has no vector: " + reason);
              });
      answers.add(search(queries.row(row), k, filter, deadline));
    }
    return answers;
  }
}
