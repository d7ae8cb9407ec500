package io.chasqui;

/**
 * How the raw scores that one stage gave to the candidates of one query are put on a common scale.
 */
public enum Normalisation {
  /**
   * {@code (s − min) / (max − min)}, in 0..1; 1 for all if all scores are equal. A passage that the
   * stage did not see has 0.
   *
   * @see <a href="https://doi.org/10.1145/258525.258587">Lee 1997, Analyses of multiple evidence
   *     combination</a>
   */
  MIN_MAX,

  /**
   * {@code (s − mean) / σ}, σ over the population; 0 for all if all scores are equal. A passage
   * that the stage did not see has the lowest value of those that it saw.
   *
   * @see <a href="https://doi.org/10.1145/952532.952698">Renda, Straccia 2003, Web metasearch: rank
   *     vs. score based rank aggregation methods</a>
   */
  Z_SCORE
}
