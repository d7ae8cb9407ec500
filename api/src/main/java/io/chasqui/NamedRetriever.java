package io.chasqui;

import java.util.List;
import java.util.Objects;

/** A {@link Retriever} with the stage name that its scores get. */
record NamedRetriever(String name, Retriever retriever) implements Retriever {
  NamedRetriever {
    Objects.requireNonNull(retriever, "retriever");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("stage name must not be empty");
    }
  }

  @Override
  public List<ScoredPassage> retrieve(SearchRequest request) {
    return retriever.retrieve(request);
  }

  @Override
  public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    return retriever.retrieveAll(requests);
  }
}
