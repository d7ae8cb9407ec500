package io.chasqui.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How p-values of several tests are raised so that one lucky test among them is not believed. */
public enum Correction {
  /** Not at all. */
  NONE,
  /** Times the number of tests. */
  BONFERRONI,
  /** Step by step from the smallest; as safe as Bonferroni, and never larger (Holm 1979). */
  HOLM;

  /**
   * Adjusted p-values, in the order given, at most 1: compare them with the level wanted.
   *
   * @param pValues each from 0 to 1
   */
  public List<Double> adjust(List<Double> pValues) {
    int tests = pValues.size();
    for (double p : pValues) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException("not a p-value: " + p);
      }
    }
    return switch (this) {
      case NONE -> List.copyOf(pValues);
      case BONFERRONI -> pValues.stream().map(p -> Math.min(1, p * tests)).toList();
      case HOLM -> holm(pValues);
    };
  }

  private static List<Double> holm(List<Double> pValues) {
    int tests = pValues.size();
    List<Integer> order =
        IntStream.range(0, tests).boxed().sorted(Comparator.comparingDouble(pValues::get)).toList();
    Double[] adjusted = new Double[tests];
    double floor = 0;
    for (int step = 0; step < tests; step++) {
      int test = order.get(step);
      floor = Math.max(floor, Math.min(1, pValues.get(test) * (tests - step)));
      adjusted[test] = floor;
    }
    return List.of(adjusted);
  }
}
