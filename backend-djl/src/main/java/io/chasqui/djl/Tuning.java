package io.chasqui.djl;

import java.util.List;

/** Which weights training changes. Immutable. */
public sealed interface Tuning {

  /**
   * Low-rank updates beside a frozen base; a reranker's score head is trained whole.
   *
   * @param rank r
   * @param alpha α; updates are scaled by α/r, or α/√r if stabilised
   * @param dropout probability, from 0 below 1, of the updates' inputs
   * @param targets linear layers that get one: "q_proj", "up_proj"
   * @param rankStabilised rsLoRA
   * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
   */
  record Lora(int rank, double alpha, double dropout, List<String> targets, boolean rankStabilised)
      implements Tuning {
    private static final List<String> ALL =
        List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public Lora {
      targets = List.copyOf(targets);
      if (rank < 1) {
        throw new IllegalArgumentException("rank must be positive: " + rank);
      }
      if (!(alpha > 0) || Double.isInfinite(alpha)) {
        throw new IllegalArgumentException("alpha must be positive: " + alpha);
      }
      if (!(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException("dropout must be from 0 below 1: " + dropout);
      }
      if (targets.isEmpty() || !ALL.containsAll(targets)) {
        throw new IllegalArgumentException("targets must be some of " + ALL + ": " + targets);
      }
    }

    /** The paper's: rank 32, alpha 64, dropout 0.1, on all seven linear layers. */
    public static Lora defaults() {
      return new Lora(32, 64, 0.1, ALL, false);
    }

    public Lora withRank(int value) {
      return new Lora(value, alpha, dropout, targets, rankStabilised);
    }

    public Lora withAlpha(double value) {
      return new Lora(rank, value, dropout, targets, rankStabilised);
    }

    public Lora withDropout(double value) {
      return new Lora(rank, alpha, value, targets, rankStabilised);
    }

    public Lora withTargets(List<String> value) {
      return new Lora(rank, alpha, dropout, value, rankStabilised);
    }

    public Lora withRankStabilised(boolean value) {
      return new Lora(rank, alpha, dropout, targets, value);
    }

    double scale() {
      return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }
  }

  /** All weights of the base. */
  record Full() implements Tuning {}
}
