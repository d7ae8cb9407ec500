package io.chasqui;

import static io.chasqui.Hits.ids;
import static io.chasqui.Hits.ranked;
import static io.chasqui.Hits.retriever;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FusedRetrieverTest {
  private final Retriever dense = retriever("a", "b", "c").named("dense");
  private final Retriever bm25 = retriever("c", "d").named("bm25");

  @Test
  void eachRetrieverKeepsItsScoreAndRank() {
    // RRF, k = 1: a 1/2; b 1/3; c 1/4 + 1/2; d 1/3
    List<ScoredPassage> hits = Retriever.fused(Fusion.rrf(1), 10, dense, bm25).retrieve("q", 10);

    assertEquals(List.of("c", "a", "b", "d"), ids(hits));
    assertEquals(0.75f, hits.get(0).score());
    assertEquals(
        List.of(new StageScore("dense", 1f, 3), new StageScore("bm25", 2f, 1)),
        hits.get(0).stages());
    assertEquals(List.of(new StageScore("bm25", 1f, 2)), hits.get(3).stages());
  }

  @Test
  void asAFirstStageItShowsAllScoresAndCanBeFusedWithAReranker() {
    Pipeline pipeline =
        Pipeline.of(Retriever.fused(Fusion.rrf(1), 10, dense, bm25))
            .rerank(Hits.reverse(), 2)
            .fuse(Fusion.weighted(Normalisation.MIN_MAX, Map.of("dense", 1.0, "rerank", 0.5)));

    assertEquals(List.of("dense", "bm25", "retrieve", "rerank", "fuse"), pipeline.stages());
    ScoredPassage best = pipeline.search("q", 2).get(0);
    // The retriever is asked for 2: c, a. dense: a 3, c 1 → a 1, c 0. rerank: a 1, c 0.
    assertEquals("a", best.id());
    assertEquals(1.5f, best.score());
    assertEquals(
        List.of("dense", "retrieve", "rerank", "fuse"),
        best.stages().stream().map(StageScore::stage).toList());
  }

  @Test
  void eachRetrieverIsAskedForTheDepthOrK() {
    List<Integer> asked = new ArrayList<>();
    Retriever spy =
        request -> {
          asked.add(request.k());
          return ranked("a", "b", "c");
        };
    Retriever fused = Retriever.fused(Fusion.rrf(), 2, spy, spy);

    assertEquals(1, fused.retrieve("q", 1).size());
    assertEquals(3, fused.retrieve("q", 3).size());
    assertEquals(List.of(2, 2, 3, 3), asked);
  }

  @Test
  void namesAreGivenOrCounted() {
    FusedRetriever fused =
        new FusedRetriever(Fusion.rrf(), 1, List.of(retriever("a"), retriever("a")));
    assertEquals(List.of("retrieve", "retrieve-2"), fused.stages());
    assertThrows(
        IllegalArgumentException.class, () -> Retriever.fused(Fusion.rrf(), 1, dense, dense));
    assertThrows(IllegalArgumentException.class, () -> Retriever.fused(Fusion.rrf(), 1, dense));
    assertThrows(
        IllegalArgumentException.class, () -> Retriever.fused(Fusion.rrf(), 0, dense, bm25));
    assertThrows(
        IllegalArgumentException.class,
        () -> Retriever.fused(Fusion.weighted(Normalisation.Z_SCORE, 1), 1, dense, bm25));
    assertThrows(IllegalArgumentException.class, () -> dense.named(""));
  }

  @Test
  void aRetrieverThatBreaksItsContractIsNamed() {
    Retriever twice = request -> List.of(Hits.hit("a", 1), Hits.hit("a", 1));

    var error =
        assertThrows(
            IllegalStateException.class,
            () -> Retriever.fused(Fusion.rrf(), 5, dense, twice.named("t")).retrieve("q", 1));

    assertEquals("stage \"t\" returned passage a twice", error.getMessage());
  }

  @Test
  void manyRequestsGiveTheAnswersOfEach() {
    Retriever fused = Retriever.fused(Fusion.rrf(1), 3, dense, bm25);
    List<SearchRequest> requests = List.of(SearchRequest.of("x", 1), SearchRequest.of("y", 4));

    assertEquals(requests.stream().map(fused::retrieve).toList(), fused.retrieveAll(requests));
  }
}
