package io.chasqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A {@link Retriever} that encodes queries and searches their vectors. */
final class DenseRetriever implements Retriever {
  private final Encoder encoder;
  private final VectorSearch index;

  DenseRetriever(Encoder encoder, VectorSearch index) {
    this.encoder = Objects.requireNonNull(encoder, "encoder");
    this.index = Objects.requireNonNull(index, "index");
    index.space().requireSame(encoder.space(), "the index", "the encoder");
  }

  @Override
  public List<ScoredPassage> retrieve(SearchRequest request) {
    return search(encode(List.of(request), request.deadline()), 0, request);
  }

  @Override
  public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    List<List<ScoredPassage>> answers = new ArrayList<>(requests.size());
    if (requests.isEmpty()) {
      return answers;
    }
    // One batch for all queries; the tightest deadline holds for it, each search has its own.
    Deadline tightest =
        requests.stream()
            .map(SearchRequest::deadline)
            .filter(d -> d.remaining().isPresent())
            .min((a, b) -> a.remaining().orElseThrow().compareTo(b.remaining().orElseThrow()))
            .orElse(Deadline.none());
    Embeddings queries = encode(requests, tightest);
    for (int i = 0; i < requests.size(); i++) {
      answers.add(search(queries, i, requests.get(i)));
    }
    return answers;
  }

  private Embeddings encode(List<SearchRequest> requests, Deadline deadline) {
    Embeddings rows =
        encoder.encodeQueries(requests.stream().map(SearchRequest::text).toList(), deadline);
    if (rows.size() != requests.size()) {
      throw new BackendException(
          "the encoder returned " + rows.size() + " rows for " + requests.size() + " queries",
          false);
    }
    return rows;
  }

  private List<ScoredPassage> search(Embeddings queries, int row, SearchRequest request) {
    queries
        .failure(row)
        .ifPresent(
            reason -> {
              throw new BackendException("the query could not be encoded: " + reason, false);
            });
    return index.search(queries.row(row), request.k(), request.filter(), request.deadline());
  }
}
