package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextCutsTest {
  private static final TextCuts BEFORE_BARS = (text, at) -> text.charAt(at) == '|';
  private static final int RUN = TextCuts.LONGEST_RUN;

  private static List<Integer> ends(TextCuts cuts, String text, int wanted) {
    List<Integer> ends = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      from = cuts.end(text, from, wanted);
      ends.add(from);
    }
    return ends;
  }

  private static List<Integer> unsafe(String text, List<Integer> ends) {
    return ends.stream().filter(at -> at < text.length() && text.charAt(at) != '|').toList();
  }

  @Test
  void partsEndAtTheFirstHarmlessPlaceFromTheWantedLengthOn() {
    String text = ("|" + "x".repeat(99)).repeat(30);
    assertEquals(300, BEFORE_BARS.end(text, 0, 256));
    assertEquals(300, BEFORE_BARS.end(text, 0, 300));
    assertEquals(400, BEFORE_BARS.end(text, 100, 256));
    assertEquals(text.length(), BEFORE_BARS.end(text, 0, 100_000));
    assertEquals(text.length(), BEFORE_BARS.end(text, 2_900, 50));
  }

  /** Else the first tokens of a text would depend on how many are asked for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 256, 4_096, 40_000, 1 << 16})
  void whereHarmIsDoneDoesNotDependOnTheWantedLength(int wanted) {
    String text =
        "ab|cd|"
            + "x".repeat(RUN - 1)
            + "|"
            + "x".repeat(3 * RUN)
            + "|"
            + "x".repeat(RUN + 5)
            + "|end"
            + "x".repeat(2 * RUN);
    List<Integer> ends = ends(BEFORE_BARS, text, wanted);
    List<Integer> runs = new ArrayList<>();
    int start = 0;
    for (int at : new TreeSet<>(places(text))) {
      for (int cut = start + RUN; cut < at; cut += RUN) {
        runs.add(cut);
      }
      start = at;
    }
    assertEquals(runs, unsafe(text, ends));
    assertFalse(runs.isEmpty());
    assertEquals(text.length(), ends.get(ends.size() - 1));
  }

  private static List<Integer> places(String text) {
    List<Integer> places = new ArrayList<>(List.of(text.length()));
    for (int at = text.indexOf('|'); at >= 0; at = text.indexOf('|', at + 1)) {
      places.add(at);
    }
    return places;
  }

  @Test
  void noPartIsLongerThanWantedAndARun() {
    String text = "x|".repeat(1000) + "y".repeat(500_000);
    int from = 0;
    for (int end : ends(BEFORE_BARS, text, 1000)) {
      assertTrue(end > from && end - from <= 1000 + RUN);
      from = end;
    }
  }

  @Test
  void pairsOfSurrogatesStayWhole() {
    String text = "x" + "\uD83D\uDE00".repeat(RUN);
    for (int end : ends((t, at) -> false, text, 100)) {
      assertTrue(end == text.length() || Character.isHighSurrogate(text.charAt(end)), "" + end);
    }
  }
}
