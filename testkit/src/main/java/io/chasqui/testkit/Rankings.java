package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.util.List;
import java.util.stream.Collectors;

/** What holds for every list of hits. */
final class Rankings {
  private Rankings() {}

  static void assertRanking(List<ScoredPassage> hits, int k, List<Passage> known) {
    assertTrue(hits.size() <= k, () -> hits.size() + " hits for k = " + k);
    assertEquals(
        hits.size(), hits.stream().map(ScoredPassage::id).distinct().count(), "a hit twice");
    for (ScoredPassage hit : hits) {
      assertTrue(known.contains(hit.passage()), () -> "not as it was indexed: " + hit);
    }
    for (int i = 1; i < hits.size(); i++) {
      assertTrue(
          ScoredPassage.BEST_FIRST.compare(hits.get(i - 1), hits.get(i)) < 0,
          "not best first, ties by id: " + describe(hits));
    }
  }

  static String describe(List<ScoredPassage> hits) {
    return hits.stream().map(hit -> hit.id() + " " + hit.score()).collect(Collectors.joining(", "));
  }
}
