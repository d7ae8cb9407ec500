package io.chasqui;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Embeddings query = encode(List.of(request), request.deadline());
    requireEncoded(query, 0);
    return index.search(query.row(0), request.k(), request.filter(), request.deadline());
  }

  @Override
  public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    if (requests.isEmpty()) {
      return List.of();
    }
    // One batch for all queries; the tightest deadline holds for it.
    Embeddings queries = encode(requests, tightest(requests));
    Map<Alike, List<Integer>> groups = new LinkedHashMap<>(); // requests, by what they want
    for (int i = 0; i < requests.size(); i++) {
      SearchRequest request = requests.get(i);
      requireEncoded(queries, i);
      groups
          .computeIfAbsent(new Alike(request.k(), request.filter()), alike -> new ArrayList<>())
          .add(i);
    }
    List<List<ScoredPassage>> answers =
        new ArrayList<>(Collections.nCopies(requests.size(), List.of()));
    groups.forEach(
        (alike, members) -> {
          Embeddings rows = members.size() == requests.size() ? queries : rows(queries, members);
          Deadline deadline = tightest(members.stream().map(requests::get).toList());
          List<List<ScoredPassage>> found =
              index.searchAll(rows, alike.k(), alike.filter(), deadline);
          for (int i = 0; i < members.size(); i++) {
            answers.set(members.get(i), found.get(i));
          }
        });
    return answers;
  }

  /** What requests must share to be searched together. */
  private record Alike(int k, Filter filter) {}

  private static Embeddings rows(Embeddings all, List<Integer> wanted) {
    float[] values = new float[wanted.size() * all.dimension()];
    for (int i = 0; i < wanted.size(); i++) {
      all.copyRow(wanted.get(i), values, i * all.dimension());
    }
    return Embeddings.of(all.dimension(), values);
  }

  private static Deadline tightest(List<SearchRequest> requests) {
    return requests.stream()
        .map(SearchRequest::deadline)
        .filter(d -> d.remaining().isPresent())
        .min((a, b) -> a.remaining().orElseThrow().compareTo(b.remaining().orElseThrow()))
        .orElse(Deadline.none());
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

  private static void requireEncoded(Embeddings queries, int row) {
    queries
        .failure(row)
        .ifPresent(
            reason -> {
              throw new BackendException("the query could not be encoded: " + reason, false);
            });
  }
}
