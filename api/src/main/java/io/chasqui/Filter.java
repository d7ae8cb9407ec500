package io.chasqui;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which passages may be returned, by their metadata. Immutable, comparable by value.
 *
 * <p>Numbers compare by value whatever their type (3 equals 3.0); strings compare by Unicode code
 * unit; a string and a number never compare. A name that a passage lacks matches nothing except
 * {@code ne}, {@code notIn} and {@code not}.
 */
public sealed interface Filter {
  /** Whether a passage with this metadata may be returned. */
  boolean matches(Metadata metadata);

  /** Accepts everything. */
  static Filter all() {
    return All.INSTANCE;
  }

  static Filter eq(String name, Object value) {
    return new Compare(name, Operator.EQ, value);
  }

  static Filter ne(String name, Object value) {
    return new Compare(name, Operator.NE, value);
  }

  static Filter gt(String name, Object value) {
    return new Compare(name, Operator.GT, value);
  }

  static Filter gte(String name, Object value) {
    return new Compare(name, Operator.GTE, value);
  }

  static Filter lt(String name, Object value) {
    return new Compare(name, Operator.LT, value);
  }

  static Filter lte(String name, Object value) {
    return new Compare(name, Operator.LTE, value);
  }

  /** Equal to one of the values. */
  static Filter in(String name, Object... values) {
    return new In(name, List.of(values));
  }

  /** Equal to none of the values, or without the name. */
  static Filter notIn(String name, Object... values) {
    return new Not(new In(name, List.of(values)));
  }

  /** Has a value under the name. */
  static Filter exists(String name) {
    return new Exists(name);
  }

  /** Is a list that has the element, or a string that has it as a part (case matters). */
  static Filter contains(String name, String element) {
    return new Contains(name, element);
  }

  static Filter and(Filter... filters) {
    return new And(List.of(filters));
  }

  static Filter or(Filter... filters) {
    return new Or(List.of(filters));
  }

  static Filter not(Filter filter) {
    return new Not(filter);
  }

  /** How {@link Compare} compares. */
  enum Operator {
    EQ,
    NE,
    GT,
    GTE,
    LT,
    LTE
  }

  /** Accepts everything. */
  enum All implements Filter {
    INSTANCE;

    @Override
    public boolean matches(Metadata metadata) {
      return true;
    }
  }

  /**
   * Compares one value; {@code value} is a string, number or boolean, booleans only by EQ and NE.
   */
  record Compare(String name, Operator operator, Object value) implements Filter {
    public Compare {
      Objects.requireNonNull(name, "name");
      value = scalar(name, value);
      if (value instanceof Boolean && operator != Operator.EQ && operator != Operator.NE) {
        throw new IllegalArgumentException(
            "booleans have no order: " + operator + " on \"" + name + "\"");
      }
    }

    @Override
    public boolean matches(Metadata metadata) {
      Optional<Object> found = metadata.get(name);
      if (operator == Operator.NE) {
        return found.isEmpty() || !equal(found.get(), value);
      }
      if (found.isEmpty()) {
        return false;
      }
      Object mine = found.get();
      if (operator == Operator.EQ) {
        return equal(mine, value);
      }
      int order;
      if (mine instanceof Number a && value instanceof Number b) {
        order = compare(a, b);
      } else if (mine instanceof String a && value instanceof String b) {
        order = a.compareTo(b);
      } else {
        return false;
      }
      return switch (operator) {
        case GT -> order > 0;
        case GTE -> order >= 0;
        case LT -> order < 0;
        case LTE -> order <= 0;
        case EQ, NE -> throw new AssertionError(operator);
      };
    }
  }

  /** Equal to one of the values. */
  record In(String name, List<Object> values) implements Filter {
    public In {
      Objects.requireNonNull(name, "name");
      values = values.stream().map(v -> scalar(name, v)).toList();
    }

    @Override
    public boolean matches(Metadata metadata) {
      Optional<Object> found = metadata.get(name);
      return found.isPresent() && values.stream().anyMatch(v -> equal(found.get(), v));
    }
  }

  /** Has a value under the name. */
  record Exists(String name) implements Filter {
    public Exists {
      Objects.requireNonNull(name, "name");
    }

    @Override
    public boolean matches(Metadata metadata) {
      return metadata.get(name).isPresent();
    }
  }

  /** A list with the element, or a string with the part. */
  record Contains(String name, String element) implements Filter {
    public Contains {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(element, "element");
    }

    @Override
    public boolean matches(Metadata metadata) {
      Object found = metadata.get(name).orElse("");
      if (found instanceof List<?> list) {
        return list.contains(element);
      }
      return metadata.get(name).isPresent()
          && found instanceof String text
          && text.contains(element);
    }
  }

  /** All of them; accepts everything if there are none. */
  record And(List<Filter> filters) implements Filter {
    public And {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean matches(Metadata metadata) {
      return filters.stream().allMatch(f -> f.matches(metadata));
    }
  }

  /** At least one of them; accepts nothing if there are none. */
  record Or(List<Filter> filters) implements Filter {
    public Or {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean matches(Metadata metadata) {
      return filters.stream().anyMatch(f -> f.matches(metadata));
    }
  }

  /** The opposite. */
  record Not(Filter filter) implements Filter {
    public Not {
      Objects.requireNonNull(filter, "filter");
    }

    @Override
    public boolean matches(Metadata metadata) {
      return !filter.matches(metadata);
    }
  }

  private static Object scalar(String name, Object value) {
    Object normal = Metadata.of(name, value).get(name).orElseThrow();
    if (normal instanceof List<?>) {
      throw new IllegalArgumentException(
          "filter on \"" + name + "\" needs one value, not a list: " + value);
    }
    return normal;
  }

  private static boolean equal(Object a, Object b) {
    return (a instanceof Number x && b instanceof Number y) ? compare(x, y) == 0 : a.equals(b);
  }

  private static int compare(Number a, Number b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    // A long beyond 2^53 against a double: exact through BigDecimal, infinities apart.
    double x = a.doubleValue();
    double y = b.doubleValue();
    boolean small = Math.abs(x) < 1L << 52 && Math.abs(y) < 1L << 52;
    if (small || Double.isInfinite(x) || Double.isInfinite(y)) {
      return x == y ? 0 : Double.compare(x, y); // −0.0 equals 0.0
    }
    return exact(a).compareTo(exact(b));
  }

  private static java.math.BigDecimal exact(Number number) {
    return number instanceof Long x
        ? java.math.BigDecimal.valueOf(x)
        : new java.math.BigDecimal(number.doubleValue());
  }
}
