package io.chasqui.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A confidence interval of a mean over queries. Immutable.
 *
 * @param low lower end
 * @param high upper end
 * @param confidence share of such intervals that hold the true mean, between 0 and 1
 */
public record Interval(double low, double high, double confidence) {
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("no interval: " + low + " to " + high);
    }
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must be between 0 and 1: " + confidence);
    }
  }

  /**
   * The bootstrap percentile interval of a metric's mean: queries drawn with replacement.
   *
   * @param samples number of draws, at least 100
   * @param seed the same seed gives the same interval
   * @see <a href="https://doi.org/10.1201/9780429246593">Efron, Tibshirani 1993, chapter 13</a>
   */
  public static Interval bootstrap(
      Evaluation evaluation, Metric metric, double confidence, int samples, long seed) {
    return bootstrap(Significance.values(evaluation, metric), confidence, samples, seed);
  }

  /**
   * The bootstrap percentile interval of the difference of two runs' means, query by query.
   *
   * @throws IllegalArgumentException if the evaluations are of different queries
   */
  public static Interval bootstrapDifference(
      Evaluation first,
      Evaluation second,
      Metric metric,
      double confidence,
      int samples,
      long seed) {
    return bootstrap(Significance.differences(first, second, metric), confidence, samples, seed);
  }

  static Interval bootstrap(double[] values, double confidence, int samples, long seed) {
    if (samples < 100) {
      throw new IllegalArgumentException("samples must be at least 100: " + samples);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[samples];
    for (int sample = 0; sample < samples; sample++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[sample] = sum / values.length;
    }
    Arrays.sort(means);
    double tail = (1 - confidence) / 2;
    return new Interval(quantile(means, tail), quantile(means, 1 - tail), confidence);
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
