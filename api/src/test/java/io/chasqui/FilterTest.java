package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final long BEYOND_DOUBLE = (1L << 53) + 1;

  private final Metadata metadata =
      Metadata.of("n", 3)
          .with("x", 2.5)
          .with("s", "llama")
          .with("b", true)
          .with("tags", List.of("red", "blue"))
          .with("big", BEYOND_DOUBLE)
          .with("inf", Double.POSITIVE_INFINITY);

  private void accepts(Filter filter) {
    assertTrue(filter.matches(metadata), filter::toString);
    assertFalse(Filter.not(filter).matches(metadata), () -> "not " + filter);
  }

  private void refuses(Filter filter) {
    assertFalse(filter.matches(metadata), filter::toString);
    assertTrue(Filter.not(filter).matches(metadata), () -> "not " + filter);
  }

  @Test
  void numbersCompareByValueWhateverTheirType() {
    accepts(Filter.eq("n", 3));
    accepts(Filter.eq("n", 3L));
    accepts(Filter.eq("n", 3.0));
    accepts(Filter.eq("n", 3f));
    refuses(Filter.ne("n", 3.0));
    refuses(Filter.eq("n", 3.5));
    accepts(Filter.in("n", 1, 3.0));
    refuses(Filter.notIn("n", 1, 3.0));
  }

  @Test
  void orderOfNumbers() {
    accepts(Filter.gt("n", 2.9));
    refuses(Filter.gt("n", 3));
    accepts(Filter.gte("n", 3));
    refuses(Filter.gte("n", 3.1));
    accepts(Filter.lt("n", 4));
    refuses(Filter.lt("n", 3.0));
    accepts(Filter.lte("n", 3.0));
    refuses(Filter.lte("n", 2));
    accepts(Filter.lt("x", 3));
  }

  @Test
  void longsBeyondDoublePrecisionAreExact() {
    accepts(Filter.eq("big", BEYOND_DOUBLE));
    refuses(Filter.eq("big", BEYOND_DOUBLE - 1));
    refuses(Filter.eq("big", (double) BEYOND_DOUBLE)); // which is one less
    accepts(Filter.gt("big", (double) BEYOND_DOUBLE));
    accepts(Filter.lt("big", Double.POSITIVE_INFINITY));
    accepts(Filter.eq("inf", Double.POSITIVE_INFINITY));
    accepts(Filter.gt("inf", Long.MAX_VALUE));
  }

  @Test
  void negativeZeroIsZero() {
    assertTrue(Filter.eq("z", 0).matches(Metadata.of("z", -0.0)));
    assertTrue(Filter.gte("z", 0.0).matches(Metadata.of("z", -0.0)));
  }

  @Test
  void orderOfStrings() {
    accepts(Filter.gt("s", "alpaca"));
    refuses(Filter.gt("s", "llama"));
    accepts(Filter.gte("s", "llama"));
    accepts(Filter.lt("s", "vicuna"));
    accepts(Filter.lte("s", "llama"));
    accepts(Filter.gt("s", "Llama")); // by code unit
  }

  @Test
  void stringsAndNumbersNeverCompare() {
    Metadata text = Metadata.of("n", "3");
    assertFalse(Filter.eq("n", 3).matches(text));
    assertTrue(Filter.ne("n", 3).matches(text));
    for (Filter order :
        List.of(Filter.gt("n", 1), Filter.gte("n", 1), Filter.lt("n", 9), Filter.lte("n", 9))) {
      assertFalse(order.matches(text), order::toString);
    }
    assertFalse(Filter.eq("b", "true").matches(metadata));
  }

  @Test
  void booleansAreEqualOrNot() {
    accepts(Filter.eq("b", true));
    refuses(Filter.ne("b", true));
    accepts(Filter.ne("b", false));
    accepts(Filter.in("b", false, true));
    assertThrows(IllegalArgumentException.class, () -> Filter.gt("b", true));
    assertThrows(IllegalArgumentException.class, () -> Filter.lte("b", false));
  }

  @Test
  void listsContainAndStringsContain() {
    accepts(Filter.contains("tags", "red"));
    refuses(Filter.contains("tags", "re"));
    accepts(Filter.contains("s", "lam"));
    accepts(Filter.contains("s", ""));
    refuses(Filter.contains("s", "LAM"));
    refuses(Filter.contains("n", "3"));
    refuses(Filter.eq("tags", "red"));
    refuses(Filter.gt("tags", "a"));
  }

  @Test
  void aMissingNameMatchesOnlyNegations() {
    refuses(Filter.eq("no", 1));
    refuses(Filter.gt("no", 1));
    refuses(Filter.gte("no", 1));
    refuses(Filter.lt("no", 1));
    refuses(Filter.lte("no", 1));
    refuses(Filter.in("no", 1));
    refuses(Filter.contains("no", ""));
    refuses(Filter.exists("no"));
    accepts(Filter.ne("no", 1));
    accepts(Filter.notIn("no", 1));
    accepts(Filter.not(Filter.exists("no")));
    accepts(Filter.exists("tags"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void logic(int bits) {
    boolean a = (bits & 1) > 0;
    boolean b = (bits & 2) > 0;
    Filter x = Filter.eq("b", a);
    Filter y = b ? Filter.all() : Filter.not(Filter.all());
    assertEquals(a && b, Filter.and(x, y).matches(metadata));
    assertEquals(a || b, Filter.or(x, y).matches(metadata));
    assertEquals(!a, Filter.not(x).matches(metadata));
  }

  @Test
  void noConditionsAtAll() {
    accepts(Filter.all());
    accepts(Filter.and());
    refuses(Filter.or());
    refuses(Filter.in("n"));
    accepts(Filter.notIn("n"));
  }

  @Test
  void filtersCompareByValue() {
    assertEquals(Filter.eq("n", 3), Filter.eq("n", 3L));
    assertEquals(
        Filter.and(Filter.in("s", "a"), Filter.exists("x")),
        Filter.and(Filter.in("s", "a"), Filter.exists("x")));
    assertNotEquals(Filter.gt("n", 3), Filter.gte("n", 3));
  }

  @Test
  void valuesThatNoMetadataCanHaveAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Filter.eq("n", Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Filter.eq("n", List.of("a")));
    assertThrows(IllegalArgumentException.class, () -> Filter.in("n", 'c'));
    assertThrows(NullPointerException.class, () -> Filter.eq("n", null));
    assertThrows(NullPointerException.class, () -> Filter.exists(null));
  }
}
