package io.chasqui;

import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** One raw score per passage, in order, with what has to be known of each. Immutable. */
public final class Scores {
  private final float[] values;
  private final BitSet truncated;
  private final Map<Integer, String> failures;

  private Scores(float[] values, BitSet truncated, Map<Integer, String> failures) {
    this.values = values;
    this.truncated = truncated;
    this.failures = failures;
  }

  /** Scores of texts that were neither cut nor failed. */
  public static Scores of(float... values) {
    return of(values, new BitSet(), Map.of());
  }

  /**
   * Scores with what is to be known of each.
   *
   * @param values one score per passage
   * @param truncated passages whose text was cut at the model's limit
   * @param failures reason by position, for passages that could not be scored
   * @throws IllegalArgumentException if a score that did not fail is not finite
   */
  public static Scores of(float[] values, BitSet truncated, Map<Integer, String> failures) {
    float[] copy = values.clone();
    for (int i = 0; i < copy.length; i++) {
      if (failures.containsKey(i)) {
        copy[i] = Float.NEGATIVE_INFINITY;
      } else if (!Float.isFinite(copy[i])) {
        throw new IllegalArgumentException("score " + i + " is " + copy[i]);
      }
    }
    failures.keySet().forEach(i -> Objects.checkIndex(i, copy.length));
    return new Scores(copy, (BitSet) truncated.clone(), new TreeMap<>(failures));
  }

  /** Number of passages. */
  public int size() {
    return values.length;
  }

  /** The raw score of a passage; −∞ if it failed. */
  public float score(int index) {
    return values[index];
  }

  /** Whether the passage was cut at the model's limit. */
  public boolean isTruncated(int index) {
    return truncated.get(Objects.checkIndex(index, values.length));
  }

  /** Why this passage has no score; empty if it has one. */
  public Optional<String> failure(int index) {
    return Optional.ofNullable(failures.get(Objects.checkIndex(index, values.length)));
  }

  /** Whether any passage failed. */
  public boolean hasFailures() {
    return !failures.isEmpty();
  }

  @Override
  public String toString() {
    return "Scores["
        + values.length
        + ", truncated="
        + truncated.cardinality()
        + ", failed="
        + failures.size()
        + "]";
  }
}
