package io.chasqui;

import java.util.Comparator;

/**
 * A document with its score, and the passage that decided it. Immutable.
 *
 * @param id the document's id
 * @param score aggregated over its passages (see {@link Aggregation}); higher is better; never NaN
 * @param passage the passage that decided: the best one for MaxP, SumP and AvgP, the first for
 *     FirstP
 */
public record ScoredDocument(String id, float score, ScoredPassage passage) {
  /** Best first: by descending score; ties by ascending id. */
  public static final Comparator<ScoredDocument> BEST_FIRST =
      Comparator.comparingDouble(ScoredDocument::score)
          .reversed()
          .thenComparing(ScoredDocument::id);

  public ScoredDocument {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("document id must not be empty");
    }
    if (Float.isNaN(score)) {
      throw new IllegalArgumentException("score of document " + id + " is NaN");
    }
  }
}
