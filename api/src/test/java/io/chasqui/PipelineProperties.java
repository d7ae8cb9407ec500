package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PipelineProperties {
  /** Scores by the hash of id and a salt: another order per stage, few values, many ties. */
  private static Scorer scorer(int salt) {
    return (query, passages) -> {
      float[] scores = new float[passages.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = Math.floorMod((passages.get(i).id() + salt).hashCode() * 31, 5);
      }
      return Scores.of(scores);
    };
  }

  private static Retriever retriever(int size) {
    List<ScoredPassage> all =
        IntStream.range(0, size)
            .mapToObj(i -> Hits.hit(String.format("%03d", i), Math.floor((size - i) / 3.0)))
            .toList();
    return Hits.retriever(all);
  }

  /** Depth of a reranking stage; 0 is a fusion. */
  @Provide
  Arbitrary<Integer> depths() {
    return Arbitraries.integers().between(0, 40);
  }

  private static Pipeline pipeline(int found, List<Integer> depths) {
    Pipeline pipeline = Pipeline.of(retriever(found));
    for (int depth : depths) {
      pipeline =
          depth == 0
              ? pipeline.fuse(Fusion.rrf())
              : pipeline.rerank(Reranker.of(scorer(depth)), depth);
    }
    return pipeline;
  }

  @Property(tries = 300)
  void anAnswerIsFullBestFirstAndScoredByTheLastStage(
      @ForAll @IntRange(max = 30) int found,
      @ForAll @Size(max = 4) List<@From("depths") Integer> depths,
      @ForAll @IntRange(min = 1, max = 50) int k) {
    Pipeline pipeline = pipeline(found, depths);
    String last = pipeline.stages().get(pipeline.stages().size() - 1);

    SearchResult result = pipeline.run(SearchRequest.of("q", k));

    List<ScoredPassage> hits = result.hits();
    assertEquals(Math.min(found, k), hits.size());
    for (int i = 0; i < hits.size(); i++) {
      StageScore score = hits.get(i).stage(last).orElseThrow();
      assertEquals(i + 1, score.rank());
      assertEquals(hits.get(i).score(), score.score());
    }
    List<ScoredPassage> sorted = new ArrayList<>(hits);
    sorted.sort(ScoredPassage.BEST_FIRST);
    assertEquals(sorted, hits);
    assertEquals(pipeline.stages(), result.timings().stream().map(StageTiming::stage).toList());
    assertEquals(hits, pipeline.retrieveAll(List.of(SearchRequest.of("q", k))).get(0));
  }

  @Property(tries = 200)
  void theOrderOfTiesInTheRetrieverChangesNothing(@ForAll @IntRange(max = 30) int found) {
    Retriever tiesBackwards =
        request ->
            retriever(found).retrieve(request).stream()
                .sorted(
                    Comparator.comparingDouble(ScoredPassage::score)
                        .thenComparing(ScoredPassage::id)
                        .reversed())
                .toList();

    assertEquals(
        Pipeline.of(retriever(found)).search("q", found + 1),
        Pipeline.of(tiesBackwards).search("q", found + 1));
  }
}
