package io.chasqui.djl;

/** Sums over a held-out set. Confined to one thread. */
final class Tally {
  private double loss;
  private double weight;
  private double reciprocalRanks;
  private long first;
  private long ranked;

  /**
   * Adds a batch's loss.
   *
   * @param mean over so many
   */
  void loss(double mean, double count) {
    loss += mean * count;
    weight += count;
  }

  /**
   * Adds a query's rank.
   *
   * @param rank of its positive among the batch's candidates, from 1; half between the ends of a
   *     tie
   */
  void rank(double rank) {
    reciprocalRanks += 1 / rank;
    first += rank == 1 ? 1 : 0;
    ranked++;
  }

  EvaluationReport report(long step) {
    return new EvaluationReport(
        step,
        loss / weight,
        ranked == 0 ? 0 : reciprocalRanks / ranked,
        ranked == 0 ? 0 : first / (double) ranked);
  }
}
