package io.chasqui.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one run took.
 *
 * @param wallSeconds by the clock
 * @param cpuSeconds of all threads of the peer's process
 */
public record Cost(double wallSeconds, double cpuSeconds) {
  /** The median of each. */
  static Cost median(List<Cost> costs) {
    return new Cost(median(costs, Cost::wallSeconds), median(costs, Cost::cpuSeconds));
  }

  /** Largest over smallest wall time: how quiet the machine was. */
  static double spread(List<Cost> costs) {
    return costs.stream().mapToDouble(Cost::wallSeconds).max().orElseThrow()
        / costs.stream().mapToDouble(Cost::wallSeconds).min().orElseThrow();
  }

  private static double median(List<Cost> costs, ToDoubleFunction<Cost> part) {
    double[] sorted = costs.stream().mapToDouble(part).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
