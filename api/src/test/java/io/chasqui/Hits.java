package io.chasqui;

import java.util.ArrayList;
import java.util.List;

/** Short forms for lists of scored passages. */
final class Hits {
  private Hits() {}

  static ScoredPassage hit(String id, double score) {
    return ScoredPassage.of(Passage.of(id, "text of " + id), (float) score);
  }

  /** Passages with falling scores: n, n − 1, … */
  static List<ScoredPassage> ranked(String... ids) {
    List<ScoredPassage> hits = new ArrayList<>();
    for (String id : ids) {
      hits.add(hit(id, ids.length - hits.size()));
    }
    return hits;
  }

  /** A retriever that returns the first k of a list. */
  static Retriever retriever(List<ScoredPassage> hits) {
    return request -> hits.stream().limit(request.k()).toList();
  }

  static Retriever retriever(String... ids) {
    return retriever(ranked(ids));
  }

  /** Turns the order round. */
  static Reranker reverse() {
    return (query, candidates) -> {
      List<ScoredPassage> reversed = new ArrayList<>();
      for (int i = candidates.size() - 1; i >= 0; i--) {
        reversed.add(candidates.get(i).withScore(i));
      }
      return reversed;
    };
  }

  static List<String> ids(List<ScoredPassage> hits) {
    return hits.stream().map(ScoredPassage::id).toList();
  }
}
