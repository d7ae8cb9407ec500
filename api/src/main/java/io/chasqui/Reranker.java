package io.chasqui;

import java.util.List;

/** Orders candidates anew: a later stage of a pipeline. A lambda is a fake. */
@FunctionalInterface
public interface Reranker {
  /**
   * The candidates in a new order with new scores, best first (ties by id): each of them once.
   *
   * @param candidates in the order of the stage before
   */
  List<ScoredPassage> rerank(String query, List<ScoredPassage> candidates);

  /**
   * As {@link #rerank(String, List)}, given up when the deadline passes.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  default List<ScoredPassage> rerank(
      String query, List<ScoredPassage> candidates, Deadline deadline) {
    deadline.check("reranking " + candidates.size() + " passages");
    return rerank(query, candidates);
  }

  /**
   * Pointwise reranking: each candidate's score decides.
   *
   * @return a reranker that throws {@link BackendException}, naming the passages, if any candidate
   *     can't be scored: a missing score is never a rank
   */
  static Reranker of(Scorer scorer) {
    return new PointwiseReranker(scorer);
  }
}
