package io.chasqui.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was measured of one contestant.
 *
 * @param description libraries and versions
 * @param costs of the rounds; empty if it failed
 * @param privateBytes memory of its process after the last round, mapped files not counted
 * @param agreement of its results with the reference's, see {@link Vectors#agreement}; empty for
 *     the reference, or if there was nothing to compare
 * @param failure why it was not measured
 */
public record Outcome(
    Contestant contestant,
    String description,
    List<Cost> costs,
    OptionalLong privateBytes,
    Optional<Double> agreement,
    Optional<String> failure) {
  public Outcome {
    costs = List.copyOf(costs);
  }

  static Outcome failed(Contestant contestant, String failure) {
    return new Outcome(
        contestant, "", List.of(), OptionalLong.empty(), Optional.empty(), Optional.of(failure));
  }

  /** Medians over the rounds; empty if it failed. */
  public Optional<Cost> cost() {
    return costs.isEmpty() ? Optional.empty() : Optional.of(Cost.median(costs));
  }
}
