package io.chasqui.djl;

/** What training minimises. Immutable. */
public sealed interface Objective {

  /**
   * A retriever's: InfoNCE, the cross-entropy of each query's positive among the passages, with
   * cosines divided by a temperature.
   *
   * @param temperature 0.01 in the paper; small models learn better with 0.05
   * @param negatives which passages a positive competes with
   * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, section 2.2</a>
   */
  record Retrieval(double temperature, Negatives negatives) implements Objective {
    public Retrieval {
      requirePositive("temperature", temperature);
    }

    /** The paper's: temperature 0.01, all passages of the batch. */
    public static Retrieval defaults() {
      return new Retrieval(0.01, Negatives.IN_BATCH);
    }

    public Retrieval withTemperature(double value) {
      return new Retrieval(value, negatives);
    }

    public Retrieval withNegatives(Negatives value) {
      return new Retrieval(temperature, value);
    }
  }

  /** Which passages a positive competes with. */
  enum Negatives {
    /** Those of all queries of the (micro-)batch. */
    IN_BATCH,
    /** The query's own hard negatives. */
    OWN
  }

  /**
   * A reranker's: softmax cross-entropy of the positive within each query's group, on raw logits.
   *
   * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, section 2.3</a>
   */
  record Reranking() implements Objective {}

  /**
   * From a teacher's scores, for a retriever (its score is the cosine divided by the temperature)
   * or a reranker (its logit), within each query's group.
   *
   * @param divergence how far scores are from the teacher's
   * @param temperature that a retriever's cosines are divided by; a reranker's logits are not
   * @param labelWeight share of the cross-entropy of the labelled positive, from 0 to 1
   */
  record Distillation(Divergence divergence, double temperature, double labelWeight)
      implements Objective {
    public Distillation {
      requirePositive("temperature", temperature);
      if (!(labelWeight >= 0 && labelWeight <= 1)) {
        throw new IllegalArgumentException("labelWeight must be from 0 to 1: " + labelWeight);
      }
    }

    /** KL divergence alone, temperature 0.05. */
    public static Distillation defaults() {
      return new Distillation(Divergence.KL, 0.05, 0);
    }

    public Distillation withDivergence(Divergence value) {
      return new Distillation(value, temperature, labelWeight);
    }

    public Distillation withTemperature(double value) {
      return new Distillation(divergence, value, labelWeight);
    }

    public Distillation withLabelWeight(double value) {
      return new Distillation(divergence, temperature, value);
    }
  }

  /** How far a student is from its teacher. */
  enum Divergence {
    /** Kullback-Leibler from softmax(teacher) to softmax(student), per group. */
    KL,
    /**
     * Mean squared error of margins, positive minus negative.
     *
     * @see <a href="https://arxiv.org/abs/2010.02666">Hofstätter et al. 2020</a>
     */
    MARGIN_MSE
  }

  /**
   * Next-token prediction, for a base of one's own. Texts are joined, each closed by the separator,
   * and cut into sequences.
   *
   * @param sequenceLength tokens per sequence, at least 2
   * @param separatorId token between texts, the model's EOS
   */
  record LanguageModel(int sequenceLength, int separatorId) implements Objective {
    public LanguageModel {
      if (sequenceLength < 2) {
        throw new IllegalArgumentException("sequenceLength must be at least 2: " + sequenceLength);
      }
      if (separatorId < 0) {
        throw new IllegalArgumentException("separatorId must not be negative: " + separatorId);
      }
    }
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }
}
