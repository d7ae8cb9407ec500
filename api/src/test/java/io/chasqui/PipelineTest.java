package io.chasqui;

import static io.chasqui.Hits.hit;
import static io.chasqui.Hits.ids;
import static io.chasqui.Hits.ranked;
import static io.chasqui.Hits.retriever;
import static io.chasqui.Hits.reverse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineTest {
  @Test
  void oneStageAnswersWithTheRetrieversHits() {
    Retriever fake = request -> List.of(ScoredPassage.of(Passage.of("a", "x"), 1f));

    List<ScoredPassage> hits = Pipeline.of(fake).search("q", 3);

    assertEquals("a", hits.get(0).id());
    assertEquals(List.of(new StageScore("retrieve", 1f, 1)), hits.get(0).stages());
  }

  @Test
  void rerankerDecidesTheFinalOrderAndEachStageLeavesScoreAndRank() {
    Pipeline pipeline = Pipeline.of(retriever("a", "b", "c")).rerank(reverse(), 3);

    List<ScoredPassage> hits = pipeline.search("q", 2);

    assertEquals(List.of("c", "b"), ids(hits));
    assertEquals(
        List.of(new StageScore("retrieve", 1f, 3), new StageScore("rerank", 2f, 1)),
        hits.get(0).stages());
    assertEquals(2f, hits.get(0).score());
  }

  @Test
  void theRetrieverIsAskedForTheDeepestStageOrK() {
    List<Integer> asked = new ArrayList<>();
    Retriever first =
        request -> {
          asked.add(request.k());
          return ranked("a", "b");
        };
    Pipeline pipeline = Pipeline.of(first).rerank(reverse(), 20).rerank(reverse(), 7);

    pipeline.search("q", 3);
    pipeline.search("q", 50);
    Pipeline.of(first).search("q", 4);

    assertEquals(List.of(20, 50, 4), asked);
  }

  @Test
  void aStageReadsItsDepthAndTheOthersKeepTheirPlaceBehind() {
    List<Integer> read = new ArrayList<>();
    Reranker counting =
        (query, candidates) -> {
          read.add(candidates.size());
          return reverse().rerank(query, candidates);
        };
    Pipeline pipeline =
        Pipeline.of(retriever("a", "b", "c", "d")).rerank(counting, 2).rerank(counting, 4);

    // retrieve: a b c d; rerank of two: b a | c d; rerank-2 of four: d c a b
    assertEquals(List.of("d"), ids(pipeline.search("q", 1)));
    assertEquals(List.of(2, 4), read);
  }

  @Test
  void aStageReadsAtLeastKSoThatEveryHitIsReranked() {
    Pipeline pipeline = Pipeline.of(retriever("a", "b", "c", "d")).rerank(reverse(), 2);

    List<ScoredPassage> hits = pipeline.search("q", 4);

    assertEquals(List.of("d", "c", "b", "a"), ids(hits));
    assertTrue(hits.stream().allMatch(hit -> hit.stage("rerank").isPresent()));
  }

  @Test
  void stageNamesAreUnique() {
    Pipeline pipeline =
        Pipeline.of(retriever("a"))
            .rerank(reverse(), 1)
            .rerank(reverse(), 1)
            .fuse(Fusion.rrf())
            .fuse(Fusion.rrf());

    assertEquals(List.of("retrieve", "rerank", "rerank-2", "fuse", "fuse-2"), pipeline.stages());
    assertThrows(IllegalArgumentException.class, () -> pipeline.rerank("retrieve", reverse(), 1));
    assertThrows(IllegalArgumentException.class, () -> pipeline.fuse("fuse", Fusion.rrf()));
    assertEquals(
        List.of("bm25", "rankllama"),
        Pipeline.of(retriever("a").named("bm25")).rerank("rankllama", reverse(), 1).stages());
    assertThrows(IllegalArgumentException.class, () -> pipeline.rerank(reverse(), 0));
  }

  @Test
  void fusionSeesEveryCandidateWithTheStagesThatReadIt() {
    // retrieve: a1 b2 c3; rerank of the first two: b1 a2. RRF with k = 0:
    // a: 1/1 + 1/2, b: 1/2 + 1/1, c: 1/3
    Pipeline pipeline =
        Pipeline.of(retriever("a", "b", "c"))
            .rerank("two", reverse(), 2)
            .rerank("three", reverse(), 3)
            .fuse(Fusion.rrf(0), "retrieve", "two");

    SearchResult result = pipeline.run(SearchRequest.of("q", 2));

    assertEquals(List.of("a", "b"), ids(result.hits()));
    assertEquals(1.5f, result.hits().get(0).score());
    assertEquals(1.5f, result.hits().get(1).score());
    List<ScoredPassage> all = pipeline.rankAll(SearchRequest.of("q", 2));
    assertEquals(List.of("a", "b", "c"), ids(all));
    assertEquals((float) (1.0 / 3), all.get(2).score());
    assertEquals(3, result.timings().get(3).candidates());
  }

  @Test
  void aFusionWithoutNamesLeavesEarlierFusionsOut() {
    List<List<String>> fused = new ArrayList<>();
    Fusion spy =
        (stages, candidates) -> {
          fused.add(stages);
          return Fusion.rrf().fuse(stages, candidates);
        };
    Retriever hybrid =
        Retriever.fused(
            Fusion.rrf(), 10, retriever("a").named("dense"), retriever("a").named("bm25"));

    Pipeline.of(hybrid)
        .rerank(reverse(), 5)
        .fuse(spy)
        .rerank(reverse(), 5)
        .fuse(spy)
        .search("q", 1);

    assertEquals(
        List.of(List.of("dense", "bm25", "rerank"), List.of("dense", "bm25", "rerank", "rerank-2")),
        fused);
  }

  @Test
  void aFusionOfUnknownStagesIsRefusedWhenThePipelineIsPutTogether() {
    Pipeline pipeline = Pipeline.of(retriever("a")).rerank(reverse(), 5);

    assertThrows(IllegalArgumentException.class, () -> pipeline.fuse(Fusion.rrf(), "bm25"));
    assertThrows(
        IllegalArgumentException.class, () -> pipeline.fuse(Fusion.rrf(), "rerank", "rerank"));
    assertThrows(
        IllegalArgumentException.class,
        () -> pipeline.fuse(Fusion.weighted(Normalisation.MIN_MAX, 1, 2, 3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> pipeline.fuse(Fusion.weighted(Normalisation.MIN_MAX, Map.of("rank", 1.0))));
  }

  @Test
  void filterAndDeadlineReachTheStages() {
    Filter filter = Filter.not(Filter.exists("secret"));
    Deadline deadline = Deadline.after(Duration.ofHours(1));
    List<Object> seen = new ArrayList<>();
    Retriever first =
        request -> {
          seen.add(request.filter());
          seen.add(request.deadline());
          return ranked("a");
        };
    Reranker second =
        new Reranker() {
          @Override
          public List<ScoredPassage> rerank(String query, List<ScoredPassage> candidates) {
            throw new AssertionError("without the deadline");
          }

          @Override
          public List<ScoredPassage> rerank(
              String query, List<ScoredPassage> candidates, Deadline limit) {
            seen.add(query);
            seen.add(limit);
            return candidates;
          }
        };

    Pipeline.of(first)
        .rerank(second, 3)
        .search(SearchRequest.of("q", 1).withFilter(filter).withDeadline(deadline));

    assertEquals(List.of(filter, deadline, "q", deadline), seen);
  }

  @Test
  void eachStageChecksTheDeadline() {
    SearchRequest late = SearchRequest.of("q", 1).withDeadline(Deadline.after(Duration.ZERO));
    Retriever never =
        request -> {
          throw new AssertionError("must not be asked");
        };

    var first =
        assertThrows(DeadlineExceededException.class, () -> Pipeline.of(never).search(late));
    assertTrue(first.getMessage().contains("retrieve"), first.getMessage());

    List<ScoredPassage> hits = ranked("a");
    Stage.Fuse fuse = new Stage.Fuse("fuse", Fusion.rrf(), List.of("retrieve"));
    assertThrows(DeadlineExceededException.class, () -> fuse.apply(late, hits));
    Stage.Rerank rerank = new Stage.Rerank("rerank", reverse(), 1);
    assertThrows(DeadlineExceededException.class, () -> rerank.apply(late, hits));
  }

  @Test
  void anInterruptStopsTheSearch() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          DeadlineExceededException.class, () -> Pipeline.of(retriever("a")).search("q", 1));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aStageThatBreaksItsContractIsNamed() {
    refused("twice", Pipeline.of(request -> List.of(hit("a", 1), hit("a", 1))));
    refused("best first", Pipeline.of(request -> List.of(hit("a", 1), hit("b", 2))));
    refused("null", Pipeline.of(request -> null));
    Pipeline two = Pipeline.of(retriever("a", "b"));
    refused("dropped 1 of 2", two.rerank((query, c) -> c.subList(0, 1), 5));
    refused("\"a\"", two.rerank("\"a\"", (query, c) -> null, 5));
    refused("twice", two.rerank((query, c) -> List.of(c.get(0), c.get(0)), 5));
    refused("not given", two.rerank((query, c) -> List.of(c.get(0), hit("x", 0)), 5));
    refused("best first", two.rerank((query, c) -> List.of(hit("a", 1), hit("b", 2)), 5));
    refused("each needs a score", two.fuse((stages, c) -> Scores.of(1f)));
  }

  private static void refused(String why, Pipeline pipeline) {
    var error = assertThrows(RuntimeException.class, () -> pipeline.search("q", 2));
    assertTrue(
        error instanceof IllegalStateException || error instanceof NullPointerException,
        () -> "" + error);
    assertTrue(error.getMessage().contains(why), error.getMessage());
    assertTrue(error.getMessage().contains("stage \""), error.getMessage());
  }

  @Test
  void aPassageThatTheFilterRefusesIsNeverReturned() {
    SearchRequest request = SearchRequest.of("q", 1).withFilter(Filter.eq("tenant", "me"));

    assertThrows(IllegalStateException.class, () -> Pipeline.of(retriever("a")).search(request));
  }

  @Test
  void surplusHitsOfARetrieverAreCut() {
    assertEquals(List.of("a"), ids(Pipeline.of(request -> ranked("a", "b", "c")).search("q", 1)));
  }

  @Test
  void tiesAreOrderedById() {
    Retriever tied = request -> List.of(hit("c", 1), hit("a", 1), hit("b", 1));

    assertEquals(List.of("a", "b", "c"), ids(Pipeline.of(tied).search("q", 3)));
    assertEquals(
        List.of("a", "b", "c"),
        ids(
            Pipeline.of(retriever("b", "c", "a"))
                .rerank(Reranker.of((q, p) -> Scores.of(new float[p.size()])), 3)
                .search("q", 3)));
  }

  @Test
  void nothingFoundIsNothingRanked() {
    Reranker never =
        (query, candidates) -> {
          throw new AssertionError("must not be asked");
        };

    SearchResult result =
        Pipeline.of(request -> List.of())
            .rerank(never, 10)
            .fuse(Fusion.rrf())
            .run(SearchRequest.of("q", 10));

    assertTrue(result.hits().isEmpty());
    assertEquals(3, result.timings().size());
  }

  @Test
  void timingsNameEveryStageAndWhatItRead() {
    SearchResult result =
        Pipeline.of(retriever("a", "b", "c"))
            .rerank(reverse(), 2)
            .rerank(reverse(), 3)
            .run(SearchRequest.of("q", 1));

    assertEquals(
        List.of("retrieve", "rerank", "rerank-2"),
        result.timings().stream().map(StageTiming::stage).toList());
    assertEquals(List.of(3, 2, 3), result.timings().stream().map(StageTiming::candidates).toList());
    assertFalse(result.duration().isNegative());
  }

  @Test
  void manyRequestsGiveTheAnswersOfEach() {
    Pipeline pipeline =
        Pipeline.of(retriever("a", "b", "c")).rerank(reverse(), 3).fuse(Fusion.rrf(1));
    List<SearchRequest> requests = List.of(SearchRequest.of("x", 1), SearchRequest.of("y", 3));

    assertEquals(requests.stream().map(pipeline::search).toList(), pipeline.retrieveAll(requests));
    assertEquals(List.of(), pipeline.retrieveAll(List.of()));
  }

  @Test
  void aRetrieverThatAnswersTooFewRequestsIsNamed() {
    Retriever forgetful =
        new Retriever() {
          @Override
          public List<ScoredPassage> retrieve(SearchRequest request) {
            return List.of();
          }

          @Override
          public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
            return List.of();
          }
        };

    assertThrows(
        IllegalStateException.class,
        () -> Pipeline.of(forgetful).retrieveAll(List.of(SearchRequest.of("q", 1))));
  }

  @Test
  void aPipelineCanBeTheFirstStageOfAnother() {
    Pipeline inner = Pipeline.of(retriever("a", "b")).rerank(reverse(), 2);
    Pipeline outer = Pipeline.of(inner).rerank(reverse(), 2);

    assertEquals(List.of("retrieve", "rerank", "retrieve-2", "rerank-2"), outer.stages());
    assertEquals(List.of("a"), ids(outer.search("q", 1)));
    // hidden in a lambda, the names clash: said, not mixed up
    assertThrows(
        IllegalStateException.class, () -> Pipeline.of(r -> inner.search(r)).search("q", 1));
  }
}
