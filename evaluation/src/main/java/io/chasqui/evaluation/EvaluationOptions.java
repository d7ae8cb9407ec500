package io.chasqui.evaluation;

import java.util.Objects;

/**
 * What trec_eval takes from its command line.
 *
 * @param relevanceLevel lowest grade that counts as relevant for all but nDCG, at least 1 ({@code
 *     -l})
 * @param missing what happens to a judged query that the run has no answer to
 * @param maxRetrieved documents per query that are looked at, the best ones, at least 1 ({@code
 *     -M})
 */
public record EvaluationOptions(int relevanceLevel, MissingQueries missing, int maxRetrieved) {
  /** What happens to a judged query that the run has no answer to. */
  public enum MissingQueries {
    /** Counts with 0: trec_eval's {@code -c}, and the only fair way to compare two systems. */
    COUNT_AS_ZERO,
    /** Is left out of the mean: trec_eval 9 without {@code -c}. */
    LEAVE_OUT,
    /** Is an error: trec_eval 10.0 without {@code -c}. */
    REFUSE
  }

  public EvaluationOptions {
    Objects.requireNonNull(missing, "missing");
    if (relevanceLevel < 1) {
      throw new IllegalArgumentException("relevanceLevel must be at least 1: " + relevanceLevel);
    }
    if (maxRetrieved < 1) {
      throw new IllegalArgumentException("maxRetrieved must be at least 1: " + maxRetrieved);
    }
  }

  /** Grade 1 is relevant, missing queries count as zero, no cut. */
  public static EvaluationOptions defaults() {
    return new EvaluationOptions(1, MissingQueries.COUNT_AS_ZERO, Integer.MAX_VALUE);
  }

  public EvaluationOptions withRelevanceLevel(int relevanceLevel) {
    return new EvaluationOptions(relevanceLevel, missing, maxRetrieved);
  }

  public EvaluationOptions withMissing(MissingQueries missing) {
    return new EvaluationOptions(relevanceLevel, missing, maxRetrieved);
  }

  public EvaluationOptions withMaxRetrieved(int maxRetrieved) {
    return new EvaluationOptions(relevanceLevel, missing, maxRetrieved);
  }
}
