package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class FusionProperties {
  private static final List<String> STAGES = List.of("a", "b", "c");

  @Provide
  Arbitrary<Fusion> fusions() {
    Map<String, Double> weights = Map.of("a", 0.3, "b", 1.0, "c", 2.5);
    return Arbitraries.of(
        Fusion.rrf(),
        Fusion.rrf(1),
        Fusion.weighted(Normalisation.MIN_MAX, weights),
        Fusion.weighted(Normalisation.Z_SCORE, weights));
  }

  /** Candidates that each of three stages saw or not, with few different scores: many ties. */
  @Provide
  Arbitrary<List<ScoredPassage>> candidates() {
    return Arbitraries.integers()
        .between(0, 7)
        .list()
        .ofSize(3)
        .list()
        .ofMaxSize(12)
        .map(FusionProperties::candidates);
  }

  private static List<ScoredPassage> candidates(List<List<Integer>> scores) {
    List<ScoredPassage> list = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      list.add(ScoredPassage.of(Passage.of("p" + (char) ('a' + i), ""), 0));
    }
    for (int s = 0; s < STAGES.size(); s++) {
      int stage = s;
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < scores.size(); i++) {
        if (scores.get(i).get(s) > 0) { // 0: not seen
          order.add(i);
        }
      }
      order.sort((x, y) -> scores.get(y).get(stage) - scores.get(x).get(stage));
      for (int rank = 0; rank < order.size(); rank++) {
        int i = order.get(rank);
        float score = scores.get(i).get(s) * 1.7f - 4;
        list.set(i, list.get(i).withStage(new StageScore(STAGES.get(s), score, rank + 1)));
      }
    }
    return list;
  }

  @Property(tries = 300)
  void theOrderOfCandidatesAndStagesDoesNotMatter(
      @ForAll("fusions") Fusion fusion,
      @ForAll("candidates") List<ScoredPassage> candidates,
      @ForAll long seed) {
    List<ScoredPassage> shuffled = new ArrayList<>(candidates);
    Collections.shuffle(shuffled, new Random(seed));
    List<String> stages = new ArrayList<>(STAGES);
    Collections.shuffle(stages, new Random(seed));

    assertEquals(
        byId(candidates, fusion.fuse(STAGES, candidates)),
        byId(shuffled, fusion.fuse(stages, shuffled)));
  }

  private static Map<String, Float> byId(List<ScoredPassage> candidates, Scores scores) {
    Map<String, Float> map = new HashMap<>();
    for (int i = 0; i < candidates.size(); i++) {
      map.put(candidates.get(i).id(), scores.score(i));
    }
    return map;
  }

  @Property(tries = 300)
  void whoIsBeatenNowhereIsNotBeatenInTheEnd(
      @ForAll("fusions") Fusion fusion, @ForAll("candidates") List<ScoredPassage> candidates) {
    Scores scores = fusion.fuse(STAGES, candidates);
    for (int i = 0; i < candidates.size(); i++) {
      for (int j = 0; j < candidates.size(); j++) {
        if (dominates(candidates.get(i), candidates.get(j))) {
          assertTrue(scores.score(i) >= scores.score(j));
        }
      }
    }
  }

  private static boolean dominates(ScoredPassage a, ScoredPassage b) {
    return STAGES.stream()
        .allMatch(
            s ->
                b.stage(s).isEmpty()
                    || (a.stage(s).isPresent()
                        && a.stage(s).get().rank() <= b.stage(s).get().rank()
                        && a.stage(s).get().score() >= b.stage(s).get().score()));
  }

  @Property(tries = 300)
  void aFusingStageReturnsEveryCandidateBestFirstTiesById(
      @ForAll("fusions") Fusion fusion, @ForAll("candidates") List<ScoredPassage> candidates) {
    List<ScoredPassage> fused =
        StageCheck.fused("fuse", candidates, fusion.fuse(STAGES, candidates));
    assertEquals(
        candidates.stream().map(ScoredPassage::id).sorted().toList(),
        fused.stream().map(ScoredPassage::id).sorted().toList());
    for (int i = 1; i < fused.size(); i++) {
      ScoredPassage before = fused.get(i - 1);
      ScoredPassage after = fused.get(i);
      assertTrue(
          before.score() > after.score()
              || (before.score() == after.score() && before.id().compareTo(after.id()) < 0));
    }
  }
}
