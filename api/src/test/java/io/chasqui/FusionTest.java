package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FusionTest {
  private static final List<String> BOTH = List.of("x", "y");

  // x: p 10, q 6, r 2; y: r 0.9, p 0.5, s 0.1
  private final List<ScoredPassage> candidates =
      List.of(
          candidate("p", new StageScore("x", 10, 1), new StageScore("y", 0.5f, 2)),
          candidate("q", new StageScore("x", 6, 2)),
          candidate("r", new StageScore("x", 2, 3), new StageScore("y", 0.9f, 1)),
          candidate("s", new StageScore("y", 0.1f, 3)));

  private static ScoredPassage candidate(String id, StageScore... stages) {
    return new ScoredPassage(Passage.of(id, id), 0f, List.of(stages));
  }

  private float[] fuse(Fusion fusion, List<String> stages) {
    Scores scores = fusion.fuse(stages, candidates);
    float[] values = new float[scores.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores.score(i);
    }
    return values;
  }

  @Test
  void reciprocalRanksAddUp() {
    assertArrayEquals(
        new float[] {
          (float) (1.0 / 61 + 1.0 / 62),
          (float) (1.0 / 62),
          (float) (1.0 / 63 + 1.0 / 61),
          (float) (1.0 / 63)
        },
        fuse(Fusion.rrf(), BOTH));
    assertArrayEquals(
        new float[] {1.5f, 0.5f, 1f / 3 + 1, 1f / 3}, fuse(Fusion.rrf(0), BOTH), 1e-7f);
    assertArrayEquals(new float[] {0.5f, 0, 1, 1f / 3}, fuse(Fusion.rrf(0), List.of("y")), 1e-7f);
    assertThrows(IllegalArgumentException.class, () -> Fusion.rrf(-1));
  }

  @Test
  void sumsDoNotDependOnTheOrderOfTheirTerms() {
    assertEquals(
        ReciprocalRankFusion.sum(new double[] {0.1, 0.2, 0.3}),
        ReciprocalRankFusion.sum(new double[] {0.3, 0.2, 0.1}));
  }

  @Test
  void minMaxPutsEachStageOnZeroToOne() {
    // x: p 1, q 0.5, r 0, s missing 0; y: p 0.5, q missing 0, r 1, s 0
    float[] expected = {2f * 1 + 0.5f, 2f * 0.5f, 1f, 0f};
    assertArrayEquals(expected, fuse(Fusion.weighted(Normalisation.MIN_MAX, 2, 1), BOTH), 1e-6f);
    assertArrayEquals(
        expected,
        fuse(Fusion.weighted(Normalisation.MIN_MAX, Map.of("x", 2.0, "y", 1.0)), BOTH),
        1e-6f);
    assertArrayEquals(
        new float[] {1f, 0.5f, 0f, 0f},
        fuse(Fusion.weighted(Normalisation.MIN_MAX, Map.of("x", 1.0)), BOTH),
        1e-6f);
  }

  @Test
  void zScoreMeasuresInStandardDeviations() {
    // x: mean 6, population sigma sqrt(32/3) = 3.26599; y: mean 0.5, sigma sqrt(0.32/3) = 0.326599
    float z = 1.2247449f;
    assertArrayEquals(
        new float[] {z, -z, 0, -2 * z},
        fuse(Fusion.weighted(Normalisation.Z_SCORE, 1, 1), BOTH),
        1e-5f);
  }

  @Test
  void equalScoresStandAboveMissingOnesInMinMaxOnly() {
    List<ScoredPassage> one = List.of(candidate("p", new StageScore("x", -3, 1)), candidate("q"));
    Scores minMax = Fusion.weighted(Normalisation.MIN_MAX, 1).fuse(List.of("x"), one);
    assertEquals(List.of(1f, 0f), List.of(minMax.score(0), minMax.score(1)));
    Scores zScore = Fusion.weighted(Normalisation.Z_SCORE, 1).fuse(List.of("x"), one);
    assertEquals(List.of(0f, 0f), List.of(zScore.score(0), zScore.score(1)));
  }

  @Test
  void aStageThatSawNothingAddsNothing() {
    List<ScoredPassage> none = List.of(candidate("p"), candidate("q"));
    for (Normalisation normalisation : Normalisation.values()) {
      Scores scores = Fusion.weighted(normalisation, 1).fuse(List.of("x"), none);
      assertEquals(0f, scores.score(0));
    }
    assertEquals(0, Fusion.rrf().fuse(BOTH, List.of()).size());
  }

  @Test
  void weightsMustFit() {
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class, () -> Fusion.weighted(Normalisation.MIN_MAX, 1, bad));
    }
    assertThrows(
        IllegalArgumentException.class, () -> Fusion.weighted(Normalisation.MIN_MAX, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> Fusion.weighted(Normalisation.MIN_MAX));
    assertThrows(
        IllegalArgumentException.class,
        () -> fuse(Fusion.weighted(Normalisation.MIN_MAX, 1), BOTH));
    assertThrows(
        IllegalArgumentException.class,
        () -> fuse(Fusion.weighted(Normalisation.MIN_MAX, Map.of("z", 1.0)), BOTH));
  }

  @Test
  void infiniteScoresHaveNoPlaceOnACommonScale() {
    List<ScoredPassage> infinite =
        List.of(
            candidate("p", new StageScore("x", Float.NEGATIVE_INFINITY, 2)),
            candidate("q", new StageScore("x", 1, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Fusion.weighted(Normalisation.MIN_MAX, 1).fuse(List.of("x"), infinite));
    assertEquals(0.5f, Fusion.rrf(0).fuse(List.of("x"), infinite).score(0));
  }
}
