package io.chasqui;

import java.util.Arrays;
import java.util.List;

/** {@link Fusion#rrf(int)}. */
record ReciprocalRankFusion(int k) implements Fusion {
  static final int DEFAULT_K = 60;

  ReciprocalRankFusion {
    if (k < 0) {
      throw new IllegalArgumentException("k of reciprocal rank fusion must not be negative: " + k);
    }
  }

  @Override
  public Scores fuse(List<String> stages, List<ScoredPassage> candidates) {
    float[] fused = new float[candidates.size()];
    double[] terms = new double[stages.size()];
    for (int i = 0; i < fused.length; i++) {
      ScoredPassage candidate = candidates.get(i);
      for (int s = 0; s < terms.length; s++) {
        terms[s] =
            candidate
                .stage(stages.get(s))
                .map(score -> 1.0 / (k + (double) score.rank()))
                .orElse(0.0);
      }
      fused[i] = (float) sum(terms);
    }
    return Scores.of(fused);
  }

  /** The sum of terms, to the last bit whatever their order; sorts them. */
  static double sum(double[] terms) {
    Arrays.sort(terms);
    double sum = 0;
    for (double term : terms) {
      sum += term;
    }
    return sum;
  }
}
