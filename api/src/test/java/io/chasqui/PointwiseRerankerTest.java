package io.chasqui;

import static io.chasqui.Hits.ids;
import static io.chasqui.Hits.ranked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PointwiseRerankerTest {
  @Test
  void theScoresDecideAndTiesAreOrderedById() {
    Reranker reranker = Reranker.of((query, passages) -> Scores.of(1f, 2f, 1f));
    List<ScoredPassage> hits = reranker.rerank("q", ranked("z", "b", "a"));
    assertEquals(List.of("b", "a", "z"), ids(hits));
    assertEquals(2f, hits.get(0).score());
  }

  @Test
  void aFailedScoreIsNeverARank() {
    Reranker reranker =
        Reranker.of(
            (query, passages) ->
                Scores.of(new float[] {1f, 0f, 0f}, new BitSet(), Map.of(1, "NaN", 2, "too long")));
    var error =
        assertThrows(BackendException.class, () -> reranker.rerank("q", ranked("a", "b", "c")));
    assertEquals("passages could not be scored: b (NaN), c (too long)", error.getMessage());
  }

  @Test
  void aScorePerPassageIsDemanded() {
    Reranker reranker = Reranker.of((query, passages) -> Scores.of(1f));
    assertThrows(BackendException.class, () -> reranker.rerank("q", ranked("a", "b")));
  }

  @Test
  void theScorerGetsQueryPassagesAndDeadline() {
    Reranker reranker =
        Reranker.of(
            (query, passages) -> {
              assertEquals("q", query);
              assertEquals("text of a", passages.get(0).text());
              return Scores.of(1f);
            });
    assertEquals(1, reranker.rerank("q", ranked("a")).size());
    assertThrows(
        DeadlineExceededException.class,
        () -> reranker.rerank("q", ranked("a"), Deadline.after(Duration.ZERO)));
  }
}
