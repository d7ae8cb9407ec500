package io.chasqui.evaluation.mining;

/**
 * How near a candidate's score may come to the positive's before it is taken for an answer that
 * nobody judged. Immutable.
 *
 * @param share of the positive's score, above 0 and at most 1; of a negative score the distance is
 *     measured downwards alike: with 0.9 a candidate must be at least a tenth of the score's size
 *     below
 * @param margin at least so much below the positive's score; may be negative; −∞ for no limit
 * @see <a href="https://arxiv.org/abs/2407.15831">Moreira et al. 2024 (positive-aware mining)</a>
 */
public record ScoreLimit(double share, double margin) {
  private static final ScoreLimit NONE = new ScoreLimit(1, Double.NEGATIVE_INFINITY);

  public ScoreLimit {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be above 0 and at most 1: " + share);
    }
    if (Double.isNaN(margin) || margin == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("margin must be a number: " + margin);
    }
  }

  /** Lets every candidate pass, also those above the positive. */
  public static ScoreLimit none() {
    return NONE;
  }

  /** At most this share of the positive's score: 0.95 is a usual value. */
  public static ScoreLimit share(double share) {
    return new ScoreLimit(share, 0);
  }

  /** At least so much below the positive's score. */
  public static ScoreLimit margin(double margin) {
    return new ScoreLimit(1, margin);
  }

  boolean isNone() {
    return equals(NONE);
  }

  boolean accepts(double score, double positive) {
    return isNone()
        || (score <= positive - (1 - share) * Math.abs(positive) && score <= positive - margin);
  }
}
