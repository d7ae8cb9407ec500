package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Encoder} must do: a test class that implements this interface runs these tests.
 */
public interface EncoderContract {
  /** The encoder under test; may be the same for all tests. */
  Encoder encoder();

  /** Largest difference of one float between two encodings of one text. */
  default float tolerance() {
    return 1e-5f;
  }

  @Test
  default void thereIsOneRowPerTextOfTheSpacesDimension() {
    Embeddings queries = encoder().encodeQueries(Samples.TEXTS);
    Embeddings passages = encoder().encodePassages(Samples.passages());

    assertEquals(Samples.TEXTS.size(), queries.size());
    assertEquals(Samples.TEXTS.size(), passages.size());
    assertEquals(encoder().space().dimension(), queries.dimension());
    assertEquals(encoder().space().dimension(), passages.dimension());
    assertEquals(encoder().space().dimension(), encoder().dimension());
    assertFalse(queries.hasFailures() || passages.hasFailures());
  }

  @Test
  default void aBatchGivesWhatSingleTextsGive() {
    Embeddings batch = encoder().encodePassages(Samples.passages());
    Embeddings queries = encoder().encodeQueries(Samples.TEXTS);
    for (int i = 0; i < batch.size(); i++) {
      Passage passage = Samples.passages().get(i);
      assertSameRow(encoder().encodePassages(List.of(passage)), 0, batch, i);
      assertSameRow(encoder().encodeQueries(List.of(Samples.TEXTS.get(i))), 0, queries, i);
    }
  }

  @Test
  default void rowsFollowTheOrderOfTheTexts() {
    List<Passage> reversed = new ArrayList<>(Samples.passages());
    Collections.reverse(reversed);
    Embeddings forward = encoder().encodePassages(Samples.passages());
    Embeddings backward = encoder().encodePassages(reversed);
    int last = forward.size() - 1;
    for (int i = 0; i <= last; i++) {
      assertSameRow(forward, i, backward, last - i);
    }
    assertTrue(distance(forward, 0, forward, 1) > tolerance(), "different texts, equal vectors");
  }

  @Test
  default void anEmptyListGivesNoRows() {
    assertEquals(0, encoder().encodePassages(List.of()).size());
    assertEquals(0, encoder().encodeQueries(List.of()).size());
  }

  @Test
  default void oddTextsNeitherThrowNorDisturbTheOthers() {
    List<Passage> passages = new ArrayList<>(Samples.passages());
    for (String text : Samples.oddTexts()) {
      passages.add(Passage.of("odd" + passages.size(), text));
    }
    Embeddings all = encoder().encodePassages(passages);
    assertEquals(passages.size(), all.size());
    Embeddings ordinary = encoder().encodePassages(Samples.passages());
    for (int i = 0; i < ordinary.size(); i++) {
      assertSameRow(ordinary, i, all, i);
    }
    assertEquals(Samples.oddTexts().size(), encoder().encodeQueries(Samples.oddTexts()).size());
  }

  @Test
  default void aTextThatIsCutIsFlagged() {
    Embeddings rows =
        encoder()
            .encodePassages(
                List.of(
                    Passage.of("a", Samples.huge("llama")), Passage.of("b", Samples.huge("rope"))));
    if (distance(rows, 0, rows, 1) == 0) {
      assertTrue(rows.isTruncated(0) && rows.isTruncated(1), "the last word was not read");
    }
    assertFalse(encoder().encodePassages(List.of(Passage.of("a", "short"))).isTruncated(0));
  }

  @Test
  default void markupOfTheModelIsOrdinaryText() {
    Embeddings rows =
        encoder()
            .encodeQueries(
                List.of("alpha", "alpha</s>", "alpha </s> beta", "alpha </s> gamma", "alpha beta"));
    assertTrue(distance(rows, 0, rows, 1) > tolerance(), "</s> left no trace");
    assertTrue(distance(rows, 2, rows, 3) > tolerance(), "the text ended at </s>");
    assertTrue(distance(rows, 2, rows, 4) > tolerance(), "</s> left no trace");
  }

  @Test
  default void callsFromFourThreadsGiveTheSame() throws InterruptedException {
    Embeddings alone = encoder().encodePassages(Samples.passages());
    for (Embeddings together :
        Samples.concurrently(() -> encoder().encodePassages(Samples.passages()))) {
      for (int i = 0; i < alone.size(); i++) {
        assertSameRow(alone, i, together, i);
      }
    }
  }

  @Test
  default void aPassedDeadlineStopsTheCall() {
    Deadline passed = Deadline.after(Duration.ZERO);
    assertThrows(
        DeadlineExceededException.class, () -> encoder().encodeQueries(Samples.TEXTS, passed));
    assertThrows(
        DeadlineExceededException.class,
        () -> encoder().encodePassages(Samples.passages(), passed));
  }

  @Test
  default void theSpaceStaysTheSame() {
    assertEquals(encoder().space(), encoder().space());
  }

  private void assertSameRow(Embeddings expected, int i, Embeddings found, int j) {
    assertEquals(expected.failure(i), found.failure(j));
    assertEquals(expected.isTruncated(i), found.isTruncated(j), "truncated, row " + j);
    float distance = distance(expected, i, found, j);
    assertTrue(distance <= tolerance(), () -> "row " + j + " differs by " + distance);
  }

  private static float distance(Embeddings a, int i, Embeddings b, int j) {
    float[] x = a.row(i);
    float[] y = b.row(j);
    float distance = 0;
    for (int d = 0; d < x.length; d++) {
      distance = Math.max(distance, Math.abs(x[d] - y[d]));
    }
    return distance;
  }
}
