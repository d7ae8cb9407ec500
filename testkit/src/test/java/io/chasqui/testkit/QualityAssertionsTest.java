package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QualityAssertionsTest {
  private static final Map<String, Set<String>> RELEVANT =
      Map.of("one", Set.of("a"), "two", Set.of("b", "c"));

  private static Retriever always(String... ids) {
    return request ->
        IntStream.range(0, Math.min(request.k(), ids.length))
            .mapToObj(i -> ScoredPassage.of(Passage.of(ids[i], "text"), -i))
            .toList();
  }

  @Test
  void recallIsTheMeanOverQueriesOfTheShareFound() {
    // "one" finds a: 1; "two" finds b of b and c: 0.5.
    QualityAssertions.assertRecallAt(2, 0.75, always("a", "b", "c"), RELEVANT);
    QualityAssertions.assertRecallAt(3, 1, always("a", "b", "c"), RELEVANT);
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> QualityAssertions.assertRecallAt(2, 0.76, always("a", "b", "c"), RELEVANT));
    assertEquals(
        "recall@2 is 0.7500, wanted at least 0.7600\n  \"two\" missed [c], found [a, b]",
        error.getMessage());
  }

  @Test
  void mrrIsTheMeanReciprocalRankOfTheFirstAnswer() {
    QualityAssertions.assertMrrAt(10, 0.75, always("a", "b"), RELEVANT); // 1 and 1/2
    assertThrows(
        AssertionError.class,
        () -> QualityAssertions.assertMrrAt(10, 0.76, always("a", "b"), RELEVANT));
    assertThrows(
        AssertionError.class,
        () -> QualityAssertions.assertMrrAt(1, 0.51, always("a", "b"), RELEVANT));
  }

  @Test
  void aChangeMayNotLowerRecallByMoreThanTheTolerance() {
    QualityAssertions.assertRecallNotWorse(2, 0, always("a", "b"), always("b", "a"), RELEVANT);
    QualityAssertions.assertRecallNotWorse(2, 0.5, always("a", "b"), always("a"), RELEVANT);
    assertThrows(
        AssertionError.class,
        () ->
            QualityAssertions.assertRecallNotWorse(
                2, 0.2, always("a", "b"), always("a"), RELEVANT));
  }

  @Test
  void anAnswerWithOnePassageTwiceFails() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> QualityAssertions.assertRecallAt(3, 0, always("a", "b", "a"), RELEVANT));
    assertTrue(error.getMessage().contains("stands twice"), error.getMessage());
  }

  @Test
  void judgementsWithoutAnswersAreMisuse() {
    assertThrows(
        IllegalArgumentException.class,
        () -> QualityAssertions.assertRecallAt(3, 0.5, always("a"), Map.of("one", Set.of())));
    assertThrows(
        IllegalArgumentException.class,
        () -> QualityAssertions.assertRecallAt(3, 1.5, always("a"), RELEVANT));
    assertEquals(List.of(), always().retrieve("q", 1));
  }
}
