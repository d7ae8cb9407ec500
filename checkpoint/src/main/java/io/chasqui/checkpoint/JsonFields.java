package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The fields of a JSON object in a file, read with errors that name the field and the value found.
 * A null counts as absent.
 */
final class JsonFields {
  private static final int SHOWN_CHARACTERS = 120;

  private final Path file;
  private final String path;
  private final ObjectNode node;

  JsonFields(Path file, String path, ObjectNode node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  Path file() {
    return file;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    Iterator<String> all = node.fieldNames();
    all.forEachRemaining(names::add);
    return names;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** Whether the field is written as null, which may mean something else than its absence. */
  boolean isNull(String name) {
    return node.path(name).isNull();
  }

  Optional<JsonNode> node(String name) {
    return has(name) ? Optional.of(node.get(name)) : Optional.empty();
  }

  Optional<JsonFields> object(String name) {
    return node(name)
        .map(
            value -> {
              if (!(value instanceof ObjectNode object)) {
                throw expected(name, "an object");
              }
              return new JsonFields(file, field(name), object);
            });
  }

  Optional<String> string(String name) {
    return node(name)
        .map(
            value -> {
              if (!value.isTextual()) {
                throw expected(name, "a string");
              }
              return value.textValue();
            });
  }

  Optional<List<String>> strings(String name) {
    return node(name)
        .map(
            value -> {
              List<String> strings = new ArrayList<>();
              for (JsonNode element : value) {
                if (element.isTextual()) {
                  strings.add(element.textValue());
                }
              }
              if (!value.isArray() || strings.size() != value.size()) {
                throw expected(name, "a list of strings");
              }
              return strings;
            });
  }

  boolean flag(String name, boolean absent) {
    return node(name)
        .map(
            value -> {
              if (!value.isBoolean()) {
                throw expected(name, "true or false");
              }
              return value.booleanValue();
            })
        .orElse(absent);
  }

  /** A positive int, if present. */
  OptionalInt positive(String name) {
    return integer(name, 1, "a positive 32-bit integer");
  }

  /** An int from 0 up, if present. */
  OptionalInt natural(String name) {
    return integer(name, 0, "a 32-bit integer from 0 up");
  }

  private OptionalInt integer(String name, int lowest, String what) {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!value.get().isIntegralNumber()
        || !value.get().canConvertToInt()
        || value.get().intValue() < lowest) {
      throw expected(name, what);
    }
    return OptionalInt.of(value.get().intValue());
  }

  int requiredPositive(String name) {
    return positive(name).orElseThrow(() -> expected(name, "a positive integer"));
  }

  /** A finite number, if present. */
  OptionalDouble number(String name) {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return OptionalDouble.empty();
    }
    double number = value.get().doubleValue();
    if (!value.get().isNumber() || !Double.isFinite(number)) {
      throw expected(name, "a finite number");
    }
    return OptionalDouble.of(number);
  }

  /** A finite number above zero, if present. */
  OptionalDouble positiveNumber(String name) {
    OptionalDouble number = number(name);
    if (number.isPresent() && number.getAsDouble() <= 0) {
      throw expected(name, "a number above 0");
    }
    return number;
  }

  double requiredPositiveNumber(String name) {
    return positiveNumber(name).orElseThrow(() -> expected(name, "a number above 0"));
  }

  /** The error for a field that holds something else than expected. */
  ModelFormatException expected(String name, String what) {
    return problem(name, "expected " + what + ", found " + show(name));
  }

  /** The error for a field, in the caller's words. */
  ModelFormatException problem(String name, String problem) {
    return new ModelFormatException(file, field(name), problem);
  }

  /** The value as JSON, cut if long; "nothing" if absent. */
  String show(String name) {
    if (!node.has(name)) {
      return "nothing";
    }
    return cut(node.get(name).toString());
  }

  /** At most 120 characters of a text, for a message. */
  static String cut(String text) {
    return text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "…" : text;
  }

  private String field(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
