package io.chasqui.evaluation;

import java.util.Objects;

/**
 * How a report tells chance from effect.
 *
 * @param confidence of the intervals, between 0 and 1
 * @param level adjusted p-values below it are called significant
 * @param correction over all tests of the report
 * @param rounds bootstrap samples and randomisation rounds, at least 100
 * @param seed of both
 */
public record ReportOptions(
    double confidence, double level, Correction correction, int rounds, long seed) {
  public ReportOptions {
    Objects.requireNonNull(correction, "correction");
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must be between 0 and 1: " + confidence);
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level must be between 0 and 1: " + level);
    }
    if (rounds < 100) {
      throw new IllegalArgumentException("rounds must be at least 100: " + rounds);
    }
  }

  /** 95 % intervals, level 0.05 after Holm's correction, 10,000 rounds, seed 42. */
  public static ReportOptions defaults() {
    return new ReportOptions(0.95, 0.05, Correction.HOLM, 10_000, 42);
  }

  public ReportOptions withConfidence(double confidence) {
    return new ReportOptions(confidence, level, correction, rounds, seed);
  }

  public ReportOptions withLevel(double level) {
    return new ReportOptions(confidence, level, correction, rounds, seed);
  }

  public ReportOptions withCorrection(Correction correction) {
    return new ReportOptions(confidence, level, correction, rounds, seed);
  }

  public ReportOptions withRounds(int rounds) {
    return new ReportOptions(confidence, level, correction, rounds, seed);
  }

  public ReportOptions withSeed(long seed) {
    return new ReportOptions(confidence, level, correction, rounds, seed);
  }
}
