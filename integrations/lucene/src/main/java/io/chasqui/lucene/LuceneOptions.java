package io.chasqui.lucene;

import java.util.Objects;

/**
 * How a {@link LuceneRetriever} analyses and scores.
 *
 * @param analysis text to terms; fixed for the life of an index
 * @param k1 how much a term's frequency counts, finite, at least 0; may differ at each opening
 * @param b how much a passage's length counts, 0 to 1; may differ at each opening
 */
public record LuceneOptions(Analysis analysis, float k1, float b) {
  public LuceneOptions {
    Objects.requireNonNull(analysis, "analysis");
    if (!(k1 >= 0 && k1 < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("k1 must be finite and at least 0: " + k1);
    }
    if (!(b >= 0 && b <= 1)) {
      throw new IllegalArgumentException("b must be from 0 to 1: " + b);
    }
  }

  /** English, k1 = 0.9 and b = 0.4: what Anserini and the papers after it call BM25. */
  public static LuceneOptions defaults() {
    return new LuceneOptions(Analysis.english(), 0.9f, 0.4f);
  }

  public LuceneOptions withAnalysis(Analysis analysis) {
    return new LuceneOptions(analysis, k1, b);
  }

  public LuceneOptions withK1(float k1) {
    return new LuceneOptions(analysis, k1, b);
  }

  public LuceneOptions withB(float b) {
    return new LuceneOptions(analysis, k1, b);
  }
}
