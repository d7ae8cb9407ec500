package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The queue of pairs: it may be out of date, but neither forgets a pair nor fills up with one. */
final class BpeMergerTest {
  private static final BpeOptions ALL = BpeOptions.defaults().withMinFrequency(1);
  private static final List<Integer> LETTERS = "abcdefghij".chars().boxed().toList();

  private static Map<String, long[]> words(int count) {
    Random random = new Random(5);
    Map<String, long[]> words = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      StringBuilder word = new StringBuilder();
      for (int length = 3 + random.nextInt(7); length > 0; length--) {
        word.append((char) ('a' + random.nextInt(10)));
      }
      words.put(word.toString(), new long[] {1 + 1000 / (i + 1)});
    }
    return words;
  }

  @Test
  void aPairWhoseCountFellIsMergedInItsTurn() {
    // "bc" is queued with 5; merging "ab" (6) leaves it 3, so that it comes after "de" (4).
    Map<String, long[]> units = new LinkedHashMap<>();
    units.put("abc", new long[] {2});
    units.put("ab", new long[] {4});
    units.put("bc", new long[] {3});
    units.put("de", new long[] {4});
    assertEquals(
        List.of(new BpeMerge("a", "b"), new BpeMerge("d", "e"), new BpeMerge("b", "c")),
        new BpeMerger(units, LETTERS, ALL).merge(3));
  }

  @Test
  void theQueueDoesNotFillUpWithOldCounts() {
    BpeMerger merger = new BpeMerger(words(2000), LETTERS, ALL);
    merger.merge(300);
    int left = merger.queueLength();
    assertTrue(left <= merger.pairCount(), left + " entries, " + merger.pairCount() + " pairs");
  }
}
