package io.chasqui.djl;

/**
 * AdamW, as {@code torch.optim.AdamW} does it, with the global norm of the gradients clipped
 * before. Immutable.
 *
 * @param learningRate at the peak of the schedule
 * @param beta1 decay of the mean of gradients
 * @param beta2 decay of the mean of their squares
 * @param epsilon added to the bias-corrected root
 * @param weightDecay decoupled; applies to every trained tensor
 * @param maxGradientNorm longer gradients are shortened to this; infinity switches it off
 * @param schedule of the learning rate
 */
public record Optimisation(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradientNorm,
    Schedule schedule) {
  public Optimisation {
    requirePositive("learningRate", learningRate);
    requireShare("beta1", beta1);
    requireShare("beta2", beta2);
    requirePositive("epsilon", epsilon);
    if (!(weightDecay >= 0)) {
      throw new IllegalArgumentException("weightDecay must not be negative: " + weightDecay);
    }
    requirePositive("maxGradientNorm", maxGradientNorm);
  }

  /** The paper's rate 1e-4 with 100 warm-up steps and linear decay; PyTorch's other values. */
  public static Optimisation defaults() {
    return new Optimisation(1e-4, 0.9, 0.999, 1e-8, 0.01, 1, new Schedule.Linear(100));
  }

  public Optimisation withLearningRate(double value) {
    return new Optimisation(value, beta1, beta2, epsilon, weightDecay, maxGradientNorm, schedule);
  }

  public Optimisation withBetas(double first, double second) {
    return new Optimisation(
        learningRate, first, second, epsilon, weightDecay, maxGradientNorm, schedule);
  }

  public Optimisation withEpsilon(double value) {
    return new Optimisation(
        learningRate, beta1, beta2, value, weightDecay, maxGradientNorm, schedule);
  }

  public Optimisation withWeightDecay(double value) {
    return new Optimisation(learningRate, beta1, beta2, epsilon, value, maxGradientNorm, schedule);
  }

  public Optimisation withMaxGradientNorm(double value) {
    return new Optimisation(learningRate, beta1, beta2, epsilon, weightDecay, value, schedule);
  }

  public Optimisation withSchedule(Schedule value) {
    return new Optimisation(
        learningRate, beta1, beta2, epsilon, weightDecay, maxGradientNorm, value);
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }

  private static void requireShare(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be from 0 below 1: " + value);
    }
  }
}
