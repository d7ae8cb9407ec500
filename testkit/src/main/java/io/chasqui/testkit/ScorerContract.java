package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Scorer} must do: a test class that implements this interface runs these tests.
 */
public interface ScorerContract {
  /** The scorer under test; may be the same for all tests. */
  Scorer scorer();

  /** Largest difference between two scores of one query and passage. */
  default float tolerance() {
    return 1e-4f;
  }

  @Test
  default void thereIsOneScorePerPassage() {
    Scores scores = scorer().score(Samples.QUERY, Samples.passages());
    assertEquals(Samples.passages().size(), scores.size());
    assertFalse(scores.hasFailures());
  }

  @Test
  default void aBatchGivesWhatSinglePassagesGive() {
    Scores batch = scorer().score(Samples.QUERY, Samples.passages());
    for (int i = 0; i < batch.size(); i++) {
      assertSame(scorer().score(Samples.QUERY, List.of(Samples.passages().get(i))), 0, batch, i);
    }
  }

  @Test
  default void scoresFollowTheOrderOfThePassages() {
    List<Passage> reversed = new ArrayList<>(Samples.passages());
    Collections.reverse(reversed);
    Scores forward = scorer().score(Samples.QUERY, Samples.passages());
    Scores backward = scorer().score(Samples.QUERY, reversed);
    int last = forward.size() - 1;
    for (int i = 0; i <= last; i++) {
      assertSame(forward, i, backward, last - i);
    }
    assertNotEquals(forward.score(0), forward.score(1), tolerance(), "nothing told them apart");
  }

  @Test
  default void theQueryDecidesWithThePassage() {
    List<Passage> passages = Samples.passages();
    Scores one = scorer().score(Samples.QUERY, passages);
    Scores other = scorer().score("how does a knotted cord hold numbers", passages);
    boolean differ = false;
    for (int i = 0; i < one.size(); i++) {
      differ |= Math.abs(one.score(i) - other.score(i)) > tolerance();
    }
    assertTrue(differ, "another query, the same scores");
  }

  @Test
  default void anEmptyListGivesNoScores() {
    assertEquals(0, scorer().score(Samples.QUERY, List.of()).size());
  }

  @Test
  default void oddTextsNeitherThrowNorDisturbTheOthers() {
    List<Passage> passages = new ArrayList<>(Samples.passages());
    for (String text : Samples.oddTexts()) {
      passages.add(Passage.of("odd" + passages.size(), text));
    }
    Scores all = scorer().score(Samples.QUERY, passages);
    assertEquals(passages.size(), all.size());
    Scores ordinary = scorer().score(Samples.QUERY, Samples.passages());
    for (int i = 0; i < ordinary.size(); i++) {
      assertSame(ordinary, i, all, i);
    }
    for (String query : Samples.oddTexts()) {
      assertEquals(1, scorer().score(query, passages.subList(0, 1)).size());
    }
  }

  @Test
  default void aTextThatIsCutIsFlagged() {
    List<Passage> passages =
        List.of(
            Passage.of("a", Samples.huge("llamas")),
            Passage.of("b", Samples.huge("rope")),
            Passage.of("c", "short"));
    Scores scores = scorer().score("llamas", passages);
    if (scores.score(0) == scores.score(1)) {
      assertTrue(scores.isTruncated(0) && scores.isTruncated(1), "the last word was not read");
    }
    assertFalse(scores.isTruncated(2));
  }

  @Test
  default void markupOfTheModelIsOrdinaryText() {
    List<Passage> passages =
        List.of(
            Passage.of("a", "alpha </s> beta"),
            Passage.of("b", "alpha </s> gamma"),
            Passage.of("c", "alpha"));
    Scores scores = scorer().score("gamma", passages);
    assertNotEquals(scores.score(0), scores.score(1), "the text ended at </s>");
    assertNotEquals(scores.score(0), scores.score(2), "</s> left no trace");
  }

  @Test
  default void callsFromFourThreadsGiveTheSame() throws InterruptedException {
    Scores alone = scorer().score(Samples.QUERY, Samples.passages());
    for (Scores together :
        Samples.concurrently(() -> scorer().score(Samples.QUERY, Samples.passages()))) {
      for (int i = 0; i < alone.size(); i++) {
        assertSame(alone, i, together, i);
      }
    }
  }

  @Test
  default void aPassedDeadlineStopsTheCall() {
    assertThrows(
        DeadlineExceededException.class,
        () -> scorer().score(Samples.QUERY, Samples.passages(), Deadline.after(Duration.ZERO)));
  }

  private void assertSame(Scores expected, int i, Scores found, int j) {
    assertEquals(expected.failure(i), found.failure(j));
    assertEquals(expected.isTruncated(i), found.isTruncated(j), "truncated, score " + j);
    if (expected.failure(i).isEmpty()) {
      assertEquals(expected.score(i), found.score(j), tolerance(), "score " + j);
    }
  }
}
