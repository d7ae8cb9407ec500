package io.chasqui;

import java.util.List;

/**
 * How the scores of a document's passages become the score of the document.
 *
 * <p>The paper ranks long documents by one vector and compares with passages of which the best
 * counts (MaxP). Only passages that were retrieved count; the others have no score. Implementations
 * from this interface are immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, document ranking</a>
 * @see <a href="https://arxiv.org/abs/1905.09217">Dai, Callan 2019 (FirstP, MaxP, SumP)</a>
 */
@FunctionalInterface
public interface Aggregation {
  /**
   * One entry per document, best first (ties by id).
   *
   * @param passages best first, none twice, scored by the same stage
   */
  List<ScoredDocument> aggregate(List<ScoredPassage> passages);

  /** The score of the best passage. */
  static Aggregation maxP() {
    return PassageAggregation.MAX_P;
  }

  /**
   * The score of the document's first passage. A document whose first passage was not retrieved is
   * not returned: it has no such score.
   *
   * <p>First is the passage whose metadata says {@code chunk.index} = 0, as a {@link Chunker} notes
   * it, or that stands alone (its id is its document's).
   *
   * @throws IllegalArgumentException while aggregating, if a passage is neither numbered nor alone
   */
  static Aggregation firstP() {
    return PassageAggregation.FIRST_P;
  }

  /**
   * The sum of the scores: favours documents with many passages, and only makes sense for scores
   * that are not negative.
   */
  static Aggregation sumP() {
    return PassageAggregation.SUM_P;
  }

  /** The mean of the scores of the document's passages that were retrieved. */
  static Aggregation avgP() {
    return PassageAggregation.AVG_P;
  }
}
