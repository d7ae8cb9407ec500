package io.chasqui.djl;

/**
 * How training is judged on its held-out set. Immutable.
 *
 * @param every updates between two evaluations; one follows the last update
 * @param items of the held-out set that are looked at
 * @param patience evaluations without a new best after which training stops
 * @param criterion what the best is best at; its weights are what training yields
 */
public record Evaluation(int every, int items, int patience, Criterion criterion) {
  public Evaluation {
    requirePositive("every", every);
    requirePositive("items", items);
    requirePositive("patience", patience);
  }

  /** Every 100 updates on up to 512 items, never stopping early, by loss. */
  public static Evaluation defaults() {
    return new Evaluation(100, 512, Integer.MAX_VALUE, Criterion.LOSS);
  }

  public Evaluation withEvery(int value) {
    return new Evaluation(value, items, patience, criterion);
  }

  public Evaluation withItems(int value) {
    return new Evaluation(every, value, patience, criterion);
  }

  public Evaluation withPatience(int value) {
    return new Evaluation(every, items, value, criterion);
  }

  public Evaluation withCriterion(Criterion value) {
    return new Evaluation(every, items, patience, value);
  }

  /** What is compared between evaluations. */
  public enum Criterion {
    /** Lower is better. */
    LOSS,
    /** Mean reciprocal rank, higher is better; for a language model there is none. */
    MRR;

    boolean isBetter(EvaluationReport one, EvaluationReport other) {
      return this == LOSS ? one.loss() < other.loss() : one.mrr() > other.mrr();
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }
}
