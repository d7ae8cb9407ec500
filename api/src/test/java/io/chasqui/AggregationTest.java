package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class AggregationTest {
  // d: 5 (second), 1 (first); e: 3 (first), 2 (third); f: 4 (second)
  private final List<ScoredPassage> passages =
      List.of(
          chunk("d", 1, 5), chunk("f", 1, 4), chunk("e", 0, 3), chunk("e", 2, 2), chunk("d", 0, 1));

  private static ScoredPassage chunk(String document, int index, float score) {
    Passage passage =
        new Passage(document + "#" + index, document, "", "", Metadata.of(Chunker.INDEX, index));
    return ScoredPassage.of(passage, score);
  }

  private void assertRanking(Aggregation aggregation, String expected) {
    StringBuilder found = new StringBuilder();
    for (ScoredDocument document : aggregation.aggregate(passages)) {
      found
          .append(document.id())
          .append(document.score())
          .append(' ')
          .append(document.passage().id())
          .append("; ");
    }
    assertEquals(expected, found.toString().strip());
  }

  @Test
  void theBestPassageDecidesInMaxP() {
    assertRanking(Aggregation.maxP(), "d5.0 d#1; f4.0 f#1; e3.0 e#0;");
  }

  @Test
  void theFirstPassageDecidesInFirstPAndDocumentsWithoutItAreLeftOut() {
    assertRanking(Aggregation.firstP(), "e3.0 e#0; d1.0 d#0;");
  }

  @Test
  void sumAndMeanNameTheBestPassage() {
    assertRanking(Aggregation.sumP(), "d6.0 d#1; e5.0 e#0; f4.0 f#1;");
    assertRanking(Aggregation.avgP(), "f4.0 f#1; d3.0 d#1; e2.5 e#0;");
  }

  @Test
  void aPassageThatStandsAloneIsFirst() {
    List<ScoredDocument> documents = Aggregation.firstP().aggregate(Hits.ranked("a", "b"));
    assertEquals(List.of("a", "b"), documents.stream().map(ScoredDocument::id).toList());
  }

  @Test
  void firstPRefusesPassagesWithoutANumber() {
    List<ScoredPassage> unnumbered =
        List.of(ScoredPassage.of(Passage.of("d-1", "").withDocumentId("d"), 1f));
    assertThrows(IllegalArgumentException.class, () -> Aggregation.firstP().aggregate(unnumbered));
    assertEquals(1, Aggregation.maxP().aggregate(unnumbered).size());
  }

  @Test
  void aDocumentPipelineReadsAllThatTheLastStageScored() {
    Pipeline pipeline = Pipeline.of(Hits.retriever(passages)).rerank((q, c) -> c, 5);

    List<ScoredDocument> documents = pipeline.aggregate(Aggregation.maxP()).search("q", 2);

    assertEquals(List.of("d", "f"), documents.stream().map(ScoredDocument::id).toList());
    assertEquals(
        3,
        Pipeline.of(Hits.retriever(passages))
            .aggregate(Aggregation.maxP(), 5)
            .search("q", 3)
            .size());
    assertEquals(
        2,
        Pipeline.of(Hits.retriever(passages)).aggregate(Aggregation.maxP()).search("q", 2).size());
    assertThrows(IllegalArgumentException.class, () -> pipeline.aggregate(Aggregation.maxP(), 0));
  }

  @Test
  void manySearchesForDocumentsGiveTheAnswersOfEach() {
    DocumentPipeline documents =
        Pipeline.of(Hits.retriever(passages))
            .rerank((q, c) -> c, 4)
            .aggregate(Aggregation.sumP(), 5);
    List<SearchRequest> requests = List.of(SearchRequest.of("q", 1), SearchRequest.of("r", 3));
    assertEquals(requests.stream().map(documents::search).toList(), documents.searchAll(requests));
    assertEquals(3, documents.searchAll(requests).get(1).size());
    assertEquals(List.of(), documents.searchAll(List.of()));
  }

  @Test
  void candidatesThatTheLastStageDidNotReadDoNotCount() {
    Pipeline pipeline =
        Pipeline.of(Hits.retriever(passages)).rerank((q, c) -> c, 5).rerank((q, c) -> c, 2);

    assertEquals(
        List.of("d", "f"),
        pipeline.aggregate(Aggregation.sumP()).search("q", 2).stream()
            .map(ScoredDocument::id)
            .toList());
    assertEquals(5f, pipeline.aggregate(Aggregation.sumP()).search("q", 2).get(0).score());
  }

  @Test
  void tiedDocumentsAreOrderedById() {
    List<ScoredPassage> tied = List.of(chunk("y", 0, 1), chunk("x", 0, 1));
    assertEquals("x", Aggregation.avgP().aggregate(tied).get(0).id());
  }
}
