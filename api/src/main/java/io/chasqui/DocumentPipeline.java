package io.chasqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A {@link Pipeline} that answers with documents. Immutable; thread-safe if the stages are.
 *
 * @see Pipeline#aggregate(Aggregation, int)
 */
public final class DocumentPipeline {
  private final Pipeline passages;
  private final Aggregation aggregation;
  private final int depth;

  DocumentPipeline(Pipeline passages, Aggregation aggregation, int depth) {
    this.passages = passages;
    this.aggregation = Objects.requireNonNull(aggregation, "aggregation");
    this.depth = depth;
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be positive: " + depth);
    }
  }

  /** The {@code k} best documents, without filter or deadline. */
  public List<ScoredDocument> search(String query, int k) {
    return search(SearchRequest.of(query, k));
  }

  /**
   * The best documents for the request, best first (ties by id), at most {@code request.k()}; fewer
   * if the passages that were read belong to fewer.
   */
  public List<ScoredDocument> search(SearchRequest request) {
    return documents(passages.rankAll(deepen(request)), request.k());
  }

  /** {@link #search(SearchRequest)} for all, in order; the first stage gets them together. */
  public List<List<ScoredDocument>> searchAll(List<SearchRequest> requests) {
    List<List<ScoredPassage>> ranked =
        passages.rankAll(requests.stream().map(this::deepen).toList());
    List<List<ScoredDocument>> answers = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      answers.add(documents(ranked.get(i), requests.get(i).k()));
    }
    return answers;
  }

  private SearchRequest deepen(SearchRequest request) {
    return request.withK(Math.max(request.k(), depth));
  }

  private List<ScoredDocument> documents(List<ScoredPassage> hits, int k) {
    List<ScoredDocument> documents =
        aggregation.aggregate(hits).stream().sorted(ScoredDocument.BEST_FIRST).toList();
    return documents.subList(0, Math.min(k, documents.size()));
  }

  @Override
  public String toString() {
    return passages + " by " + aggregation;
  }
}
