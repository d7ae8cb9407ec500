package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextUnitsTest {
  @Test
  void aUnitBeginsAtASpaceASignADigitAndAnotherScript() {
    assertEquals(
        List.of("▁Map", ".", "get", "(", "1", "2", ")", "▁→", "▁", "7", "абв", "x"),
        units("Map.get(12) → 7абвx"));
  }

  @Test
  void marksBelongToTheLetterBefore() {
    assertEquals(List.of("▁ae\u0301a"), units("ae\u0301a"));
  }

  @Test
  void eachSpaceBeginsAUnit() {
    assertEquals(List.of("▁a", "▁", "▁", "▁b", "▁"), units("a   b "));
  }

  @Test
  void lineEndsStandAlone() {
    assertEquals(List.of("▁a", "\n", "\n", "b"), units("a\n\nb"));
  }

  @Test
  void endlessUnitsAreCutBetweenCodePoints() {
    List<String> units = units("😀".repeat(500));

    assertTrue(units.size() > 10);
    assertEquals("▁" + "😀".repeat(500), String.join("", units));
    assertTrue(units.stream().noneMatch(u -> Character.isHighSurrogate(u.charAt(u.length() - 1))));
  }

  private static List<String> units(String text) {
    List<String> units = new ArrayList<>();
    TextUnits.forEach(text, units::add);
    return units;
  }
}
