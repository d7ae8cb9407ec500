package io.chasqui.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Whether two systems differ by more than chance, told from the same queries' values: Student's
 * paired t-test and Fisher's randomisation test, both two-sided.
 *
 * @see <a href="https://doi.org/10.1145/1321440.1321528">Smucker, Allan, Carterette 2007</a>
 */
public final class Significance {
  /** Sums of the same numbers in another order differ by less than this share. */
  private static final double ROUNDING = 1e-12;

  private Significance() {}

  /**
   * Student's t-test of a metric's differences, query by query, against 0.
   *
   * @throws IllegalArgumentException if the evaluations are of different or of fewer than two
   *     queries, or lack the metric
   */
  public static TestResult pairedT(Evaluation first, Evaluation second, Metric metric) {
    return pairedT(differences(first, second, metric));
  }

  /**
   * Student's t-test of differences against 0.
   *
   * @param differences second minus first, one per query, at least two
   */
  public static TestResult pairedT(double[] differences) {
    int n = differences.length;
    if (n < 2) {
      throw new IllegalArgumentException("a t-test needs at least two pairs: " + n);
    }
    double mean = mean(differences);
    double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
    double error = Math.sqrt(squares / (n - 1) / n);
    if (mean == 0) {
      return new TestResult(0, 0, 1, n);
    }
    double t = mean / error; // infinite if all differences are equal
    double tail = TDistribution.of(n - 1).survivalProbability(Math.abs(t));
    return new TestResult(mean, t, Math.min(1, 2 * tail), n);
  }

  /**
   * Fisher's randomisation test of a metric's differences: how often the mean is as large if each
   * query's two values are swapped at random.
   *
   * @param rounds number of random swaps, at least 1; if there are no more ways to swap than that,
   *     each is tried once and the p-value is exact
   * @param seed the same seed gives the same p-value
   */
  public static TestResult randomisation(
      Evaluation first, Evaluation second, Metric metric, int rounds, long seed) {
    return randomisation(differences(first, second, metric), rounds, seed);
  }

  /** Fisher's randomisation test of differences: their signs are flipped at random. */
  public static TestResult randomisation(double[] differences, int rounds, long seed) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be positive: " + rounds);
    }
    if (differences.length == 0) {
      throw new IllegalArgumentException("a randomisation test needs at least one pair");
    }
    double mean = mean(differences);
    double[] moving = Arrays.stream(differences).filter(d -> d != 0).toArray();
    double observed = Math.abs(Arrays.stream(moving).sum()) * (1 - ROUNDING);
    double p;
    if (moving.length < 31 && 1 << moving.length <= rounds) {
      long extreme = 0;
      for (int signs = 0; signs < 1 << moving.length; signs++) {
        double sum = 0;
        for (int i = 0; i < moving.length; i++) {
          sum += (signs >> i & 1) == 0 ? moving[i] : -moving[i];
        }
        extreme += Math.abs(sum) >= observed ? 1 : 0;
      }
      p = extreme / (double) (1 << moving.length);
    } else {
      // The order observed is one of the possible ones, so p is never 0.
      p = (1 + extremes(moving, observed, rounds, seed)) / (1.0 + rounds);
    }
    return new TestResult(mean, mean, p, differences.length);
  }

  private static long extremes(double[] moving, double observed, int rounds, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long extreme = 0;
    for (int round = 0; round < rounds; round++) {
      double sum = 0;
      long bits = 0;
      for (int i = 0; i < moving.length; i++) {
        if (i % 64 == 0) {
          bits = random.nextLong();
        }
        sum += (bits & 1) == 0 ? moving[i] : -moving[i];
        bits >>>= 1;
      }
      extreme += Math.abs(sum) >= observed ? 1 : 0;
    }
    return extreme;
  }

  /** Second minus first, query by query. */
  static double[] differences(Evaluation first, Evaluation second, Metric metric) {
    if (!first.queryIds().equals(second.queryIds())) {
      throw new IllegalArgumentException(
          "runs "
              + first.runName()
              + " and "
              + second.runName()
              + " were evaluated on different queries; count missing ones as zero");
    }
    double[] a = values(first, metric);
    double[] b = values(second, metric);
    Arrays.setAll(b, i -> b[i] - a[i]);
    return b;
  }

  static double[] values(Evaluation evaluation, Metric metric) {
    return evaluation.perQuery(metric).values().stream().mapToDouble(v -> v).toArray();
  }

  static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }
}
