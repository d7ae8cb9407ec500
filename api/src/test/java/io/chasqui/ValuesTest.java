package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ValuesTest {
  private static final Passage PASSAGE = Passage.of("a", "text");

  private static void refused(Executable executable) {
    assertThrows(IllegalArgumentException.class, executable);
  }

  @Test
  void valuesThatCannotBeAreRefused() {
    refused(() -> Passage.of("", "x"));
    refused(() -> PASSAGE.withDocumentId(""));
    refused(() -> Document.of("", "t", "x"));
    refused(() -> SearchRequest.of("q", 0));
    refused(() -> ScoredPassage.of(PASSAGE, Float.NaN));
    refused(() -> new StageScore("s", Float.NaN, 1));
    refused(() -> new StageScore("s", 1, 0));
    refused(() -> new StageScore("", 1, 1));
    refused(() -> new ScoredDocument("", 1, ScoredPassage.of(PASSAGE, 1)));
    refused(() -> new ScoredDocument("d", Float.NaN, ScoredPassage.of(PASSAGE, 1)));
    assertThrows(NullPointerException.class, () -> Passage.of("a", null));
    assertThrows(NullPointerException.class, () -> SearchRequest.of(null, 1));
  }

  @Test
  void aDocumentAsOnePassageKeepsEverything() {
    Document document = Document.of("d", "t", "x").withMetadata(Metadata.of("n", 1));
    assertEquals(new Passage("d", "d", "t", "x", Metadata.of("n", 1)), document.asPassage());
  }

  @Test
  void stagesAreKeptInOrderAndTheLastDecides() {
    ScoredPassage hit =
        ScoredPassage.of(PASSAGE, 1)
            .withStage(new StageScore("x", 2, 1))
            .withStage(new StageScore("y", 3, 2));
    assertEquals(3f, hit.score());
    assertEquals(Optional.of(new StageScore("x", 2, 1)), hit.stage("x"));
    assertEquals(Optional.empty(), hit.stage("z"));
    assertEquals(2, hit.withScore(9).stages().size());
  }

  @Test
  void bestFirstIsByScoreThenId() {
    List<ScoredPassage> hits =
        new ArrayList<>(List.of(Hits.hit("b", 1), Hits.hit("a", 1), Hits.hit("c", 2)));
    hits.sort(ScoredPassage.BEST_FIRST);
    assertEquals(List.of("c", "a", "b"), Hits.ids(hits));
  }

  @Test
  void requestsChangeByCopy() {
    SearchRequest request = SearchRequest.of("q", 1);
    assertEquals(5, request.withK(5).k());
    assertEquals(Filter.exists("x"), request.withFilter(Filter.exists("x")).filter());
    assertEquals(SearchRequest.of("q", 1), request);
  }
}
