package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScoresTest {
  @Test
  void scoresAreACopyInOrder() {
    float[] values = {1, -2};
    Scores scores = Scores.of(values);
    values[0] = 9;
    assertEquals(2, scores.size());
    assertEquals(1f, scores.score(0));
    assertEquals(-2f, scores.score(1));
    assertFalse(scores.hasFailures());
    assertFalse(scores.isTruncated(1));
  }

  @Test
  void aFailedScoreIsLowestAndSaysWhy() {
    BitSet truncated = new BitSet();
    truncated.set(0);
    Scores scores = Scores.of(new float[] {1, Float.NaN}, truncated, Map.of(1, "NaN"));
    assertEquals(Float.NEGATIVE_INFINITY, scores.score(1));
    assertEquals(Optional.of("NaN"), scores.failure(1));
    assertTrue(scores.isTruncated(0));
    assertTrue(scores.hasFailures());
  }

  @Test
  void aScoreThatIsNotFiniteMustBeAFailure() {
    assertThrows(IllegalArgumentException.class, () -> Scores.of(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> Scores.of(Float.POSITIVE_INFINITY));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Scores.of(new float[] {1}, new BitSet(), Map.of(1, "none")));
    assertThrows(IndexOutOfBoundsException.class, () -> Scores.of(1f).failure(1));
  }
}
