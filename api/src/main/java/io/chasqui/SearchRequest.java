package io.chasqui;

import java.util.Objects;

/**
 * What is asked of a retriever or a pipeline. Immutable.
 *
 * @param text the query as the user wrote it, without any prompt; may be empty
 * @param k number of hits wanted, at least 1
 * @param filter which passages may be returned
 * @param deadline until when the answer is wanted
 */
public record SearchRequest(String text, int k, Filter filter, Deadline deadline) {
  public SearchRequest {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(deadline, "deadline");
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
  }

  public static SearchRequest of(String text, int k) {
    return new SearchRequest(text, k, Filter.all(), Deadline.none());
  }

  public SearchRequest withK(int k) {
    return new SearchRequest(text, k, filter, deadline);
  }

  public SearchRequest withFilter(Filter filter) {
    return new SearchRequest(text, k, filter, deadline);
  }

  public SearchRequest withDeadline(Deadline deadline) {
    return new SearchRequest(text, k, filter, deadline);
  }
}
