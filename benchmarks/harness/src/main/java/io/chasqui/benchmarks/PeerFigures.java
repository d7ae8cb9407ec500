package io.chasqui.benchmarks;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a peer's process after a contest.
 *
 * @param description libraries and versions
 * @param loadSeconds from its start until it was ready, the start of its interpreter or JVM
 *     included
 * @param privateBytes of memory, mapped files not counted
 * @param deviceBytes of memory of NVIDIA devices
 * @param measured what it measured itself, by what it was asked for
 */
public record PeerFigures(
    String description,
    double loadSeconds,
    OptionalLong privateBytes,
    OptionalLong deviceBytes,
    Map<String, Map<String, Double>> measured) {
  public PeerFigures {
    measured = Map.copyOf(measured);
  }

  /** One figure, if it was measured. */
  public Optional<Double> figure(String what, String name) {
    return Optional.ofNullable(measured.get(what)).map(figures -> figures.get(name));
  }
}
