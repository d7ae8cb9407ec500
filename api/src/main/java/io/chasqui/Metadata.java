package io.chasqui;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What is known about a document besides its text: names with values that a {@link Filter} can
 * test.
 *
 * <p>A value is a {@code String}, {@code Long}, {@code Double}, {@code Boolean} or a {@code List}
 * of strings; other integers become {@code Long} and {@code Float} becomes {@code Double}. NaN is
 * refused. Immutable; iteration order is the order given.
 */
public final class Metadata {
  private static final Metadata EMPTY = new Metadata(Map.of());

  private final Map<String, Object> values;

  private Metadata(Map<String, Object> values) {
    this.values = values;
  }

  /** No metadata. */
  public static Metadata empty() {
    return EMPTY;
  }

  /**
   * Metadata with these values.
   *
   * @throws IllegalArgumentException if a value has another type than this class lists
   */
  public static Metadata of(Map<String, ?> values) {
    if (values.isEmpty()) {
      return EMPTY;
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> copy.put(Objects.requireNonNull(name, "name"), normalise(name, value)));
    return new Metadata(Collections.unmodifiableMap(copy));
  }

  public static Metadata of(String name, Object value) {
    return of(Map.of(name, value));
  }

  /** This metadata with one more value, or another value under the same name. */
  public Metadata with(String name, Object value) {
    Map<String, Object> copy = new LinkedHashMap<>(values);
    copy.put(name, value);
    return of(copy);
  }

  private static Object normalise(String name, Object value) {
    Objects.requireNonNull(value, () -> "metadata value of \"" + name + "\"");
    if (value instanceof String || value instanceof Boolean || value instanceof Long) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (Double.isNaN(number)) {
        throw new IllegalArgumentException("metadata value of \"" + name + "\" is NaN");
      }
      return number;
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return List.copyOf(list);
    }
    throw new IllegalArgumentException(
        "metadata value of \""
            + name
            + "\" must be a string, number, boolean or list of strings: "
            + value.getClass().getName());
  }

  /** The value under {@code name}: String, Long, Double, Boolean or List of String. */
  public Optional<Object> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** The names, in order. */
  public Set<String> names() {
    return values.keySet();
  }

  /** All values by name, in order; unmodifiable. */
  public Map<String, Object> asMap() {
    return values;
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metadata metadata && values.equals(metadata.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
