package io.chasqui.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A peer's command line: {@code name=value} words. */
public final class PeerArguments {
  private final Map<String, String> values;

  private PeerArguments(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if a word is not {@code name=value}
   */
  public static PeerArguments of(String... words) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("expected name=value: " + word);
      }
      values.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return new PeerArguments(values);
  }

  /**
   * A value.
   *
   * @throws IllegalArgumentException if it was not given
   */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("missing " + name + "=…; given: " + values);
    }
    return value;
  }

  public int number(String name) {
    return Integer.parseInt(text(name));
  }

  public boolean flag(String name) {
    return switch (text(name)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(name + " must be true or false");
    };
  }

  public Path path(String name) {
    return Path.of(text(name));
  }
}
