package io.chasqui;

import java.util.List;
import java.util.Map;

/**
 * How the opinions of several stages on the same passages become one score. A lambda is a fake.
 *
 * <p>Fusions from this interface are immutable and thread-safe, and do not depend on the order of
 * the candidates.
 */
@FunctionalInterface
public interface Fusion {
  /**
   * One fused score per candidate, in order; higher is better.
   *
   * @param stages names of the stages to fuse
   * @param candidates each with the {@link StageScore} of every stage that saw it; a stage that did
   *     not see it is missing
   * @throws IllegalArgumentException if {@code stages} are not those that this fusion was made for
   */
  Scores fuse(List<String> stages, List<ScoredPassage> candidates);

  /**
   * Returns if these stages can be fused; called once, when a pipeline is put together.
   *
   * @throws IllegalArgumentException if they cannot, saying why
   */
  default void requireStages(List<String> stages) {}

  /** Reciprocal rank fusion with k = 60, the value of its paper. */
  static Fusion rrf() {
    return rrf(ReciprocalRankFusion.DEFAULT_K);
  }

  /**
   * Reciprocal rank fusion: {@code score(p) = Σ 1 / (k + rank(p))} over the stages that saw p,
   * ranks from 1. A stage that did not see p adds nothing. Only ranks count, so that scores of
   * different scales can be fused.
   *
   * @param k how little the first ranks stand out, at least 0
   * @see <a href="https://doi.org/10.1145/1571941.1572114">Cormack, Clarke, Büttcher 2009,
   *     Reciprocal rank fusion outperforms Condorcet and individual rank learning methods</a>
   */
  static Fusion rrf(int k) {
    return new ReciprocalRankFusion(k);
  }

  /**
   * Weighted sum of normalised scores: {@code score(p) = Σ w(s) · n(s, p)}. A passage that a stage
   * did not see counts there like the lowest that it saw. A stage without a weight does not count.
   *
   * @param weights by stage name, finite, not negative, at least one positive
   * @see Normalisation
   */
  static Fusion weighted(Normalisation normalisation, Map<String, Double> weights) {
    return WeightedFusion.byName(normalisation, weights);
  }

  /**
   * As {@link #weighted(Normalisation, Map)}, with one weight per fused stage, in their order.
   *
   * @param weights finite, not negative, at least one positive
   */
  static Fusion weighted(Normalisation normalisation, double... weights) {
    return WeightedFusion.byPosition(normalisation, weights);
  }
}
