package io.chasqui;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A {@link Reranker} that sorts by a {@link Scorer}'s scores. */
final class PointwiseReranker implements Reranker {
  private final Scorer scorer;

  PointwiseReranker(Scorer scorer) {
    this.scorer = Objects.requireNonNull(scorer, "scorer");
  }

  @Override
  public List<ScoredPassage> rerank(String query, List<ScoredPassage> candidates) {
    return rerank(query, candidates, Deadline.none());
  }

  @Override
  public List<ScoredPassage> rerank(
      String query, List<ScoredPassage> candidates, Deadline deadline) {
    List<Passage> passages = candidates.stream().map(ScoredPassage::passage).toList();
    Scores scores = scorer.score(query, passages, deadline);
    if (scores.size() != passages.size()) {
      throw new BackendException(
          "the scorer returned " + scores.size() + " scores for " + passages.size() + " passages",
          false);
    }
    if (scores.hasFailures()) {
      throw new BackendException(describeFailures(passages, scores), false);
    }
    List<ScoredPassage> ranked = new ArrayList<>(candidates.size());
    for (int i = 0; i < candidates.size(); i++) {
      ranked.add(candidates.get(i).withScore(scores.score(i)));
    }
    ranked.sort(ScoredPassage.BEST_FIRST);
    return ranked;
  }

  private static String describeFailures(List<Passage> passages, Scores scores) {
    StringBuilder message = new StringBuilder("passages could not be scored: ");
    String separator = "";
    for (int i = 0; i < passages.size(); i++) {
      var failure = scores.failure(i);
      if (failure.isPresent()) {
        message
            .append(separator)
            .append(passages.get(i).id())
            .append(" (")
            .append(failure.get())
            .append(')');
        separator = ", ";
      }
    }
    return message.toString();
  }
}
