package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import io.chasqui.testkit.InMemoryVectorSearch;
import io.chasqui.testkit.VectorSearchContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The exact search does what every search must, and what it promises beyond. */
class OnnxVectorSearchIT implements VectorSearchContract {
  private static final int SIZE = 3_000;
  private static final int DIMENSION = 48;
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("exact", DIMENSION);
  private static final OnnxSearchOptions OPTIONS = OnnxSearchOptions.defaults().withThreads(3);

  private final List<OnnxVectorSearch> opened = new ArrayList<>();

  @Override
  public VectorSearch search(EmbeddingSpace space, List<Passage> passages, Embeddings vectors) {
    return opened(OnnxVectorSearch.builder(space).options(OPTIONS).add(passages, vectors));
  }

  private OnnxVectorSearch opened(OnnxVectorSearch.Builder builder) {
    OnnxVectorSearch search = builder.build();
    opened.add(search);
    return search;
  }

  @AfterEach
  void close() {
    opened.forEach(OnnxVectorSearch::close);
  }

  private static Embeddings random(int rows, long seed, float length) {
    Random random = new Random(seed);
    float[] values = new float[rows * DIMENSION];
    for (int i = 0; i < values.length; i++) {
      values[i] = length * (float) random.nextGaussian();
    }
    return Embeddings.of(DIMENSION, values);
  }

  private static List<Passage> passages(int from, int count) {
    List<Passage> passages = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      passages.add(Passage.of("p" + i, "").withMetadata(Metadata.of("n", i % 100)));
    }
    return passages;
  }

  private OnnxVectorSearch sample() {
    return opened(
        OnnxVectorSearch.builder(SPACE)
            .options(OPTIONS)
            .add(passages(0, 1_000), random(1_000, 1, 1))
            .add(passages(1_000, 2_000), random(2_000, 2, 0.01f)));
  }

  private static InMemoryVectorSearch oracle() {
    float[] values = new float[SIZE * DIMENSION];
    Embeddings first = random(1_000, 1, 1);
    Embeddings second = random(2_000, 2, 0.01f);
    for (int i = 0; i < SIZE; i++) {
      (i < 1_000 ? first : second).copyRow(i < 1_000 ? i : i - 1_000, values, i * DIMENSION);
    }
    return InMemoryVectorSearch.of(SPACE, passages(0, SIZE), Embeddings.of(DIMENSION, values));
  }

  private static List<String> ids(List<ScoredPassage> hits) {
    return hits.stream().map(ScoredPassage::id).toList();
  }

  @Test
  void manyQueriesInSeveralPartsFindWhatAnExactSearchFinds() {
    InMemoryVectorSearch oracle = oracle();
    Embeddings queries = random(150, 3, 1);
    for (Filter filter : List.of(Filter.all(), Filter.lt("n", 7), Filter.eq("n", 1_000))) {
      List<List<ScoredPassage>> found = sample().searchAll(queries, 10, filter, Deadline.none());
      assertEquals(150, found.size());
      for (int q = 0; q < 150; q++) {
        List<ScoredPassage> expected = oracle.search(queries.row(q), 10, filter, Deadline.none());
        assertEquals(ids(expected), ids(found.get(q)), filter + ", query " + q);
        for (int i = 0; i < expected.size(); i++) {
          assertEquals(expected.get(i).score(), found.get(q).get(i).score(), 1e-4f);
        }
      }
    }
  }

  @Test
  void aQueryFindsTheSameAloneAndBesideLargeOnes() {
    OnnxVectorSearch search = sample();
    float[] values = new float[70 * DIMENSION];
    Embeddings small = random(35, 4, 1e-6f);
    Embeddings large = random(35, 5, 1e6f);
    for (int i = 0; i < 35; i++) {
      small.copyRow(i, values, 2 * i * DIMENSION);
      large.copyRow(i, values, (2 * i + 1) * DIMENSION);
    }
    Embeddings queries = Embeddings.of(DIMENSION, values);
    List<List<ScoredPassage>> together =
        search.searchAll(queries, 10, Filter.all(), Deadline.none());
    for (int q = 0; q < queries.size(); q++) {
      List<ScoredPassage> alone = search.search(queries.row(q), 10, Filter.all(), Deadline.none());
      assertEquals(alone, together.get(q));
    }
  }

  @Test
  void copiesThatExceedTheCandidatesAreCutByTheirIds() {
    float[] values = new float[500 * DIMENSION];
    for (int i = 0; i < 500; i++) {
      values[i * DIMENSION] = 1f;
    }
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      passages.add(Passage.of("c" + (999 - i), ""));
    }
    OnnxVectorSearch search =
        opened(
            OnnxVectorSearch.builder(SPACE)
                .options(OPTIONS)
                .add(passages, Embeddings.of(DIMENSION, values)));
    float[] query = new float[DIMENSION];
    query[0] = 2f;
    assertEquals(
        List.of("c500", "c501", "c502"),
        ids(search.search(query, 3, Filter.all(), Deadline.none())));
  }

  @Test
  void vectorsOfAnySizeNeitherOverflowNorVanish() {
    float[] values = new float[3 * DIMENSION];
    values[0] = 1e30f;
    values[DIMENSION + 1] = 1e-30f;
    OnnxVectorSearch search =
        opened(
            OnnxVectorSearch.builder(SPACE).add(passages(0, 3), Embeddings.of(DIMENSION, values)));
    float[] query = new float[DIMENSION];
    query[0] = 1e-30f;
    query[1] = 1f;
    List<ScoredPassage> hits = search.search(query, 3, Filter.all(), Deadline.none());
    assertEquals(List.of("p0", "p1", "p2"), ids(hits));
    assertEquals(1f, hits.get(0).score(), 1e-6f);
    assertEquals(3, search.search(new float[DIMENSION], 9, Filter.all(), Deadline.none()).size());
  }

  @Test
  void passagesThatCanNotBeAddedAreNamedAndChangeNothing() {
    OnnxVectorSearch.Builder builder = OnnxVectorSearch.builder(SPACE);
    builder.add(passages(0, 2), random(2, 1, 1));
    refused("passage p1 is there twice", () -> builder.add(passages(1, 2), random(2, 1, 1)));
    Embeddings failed =
        Embeddings.of(
            DIMENSION, new float[2 * DIMENSION], new BitSet(), Map.of(1, "NaN of the model"));
    refused("passage p6 has no vector: NaN", () -> builder.add(passages(5, 2), failed));
    refused("do not fit 3 passages", () -> builder.add(passages(5, 3), random(2, 1, 1)));
    Embeddings wrong = Embeddings.of(DIMENSION + 1, new float[DIMENSION + 1]);
    refused("do not fit 1 passages in 48-d", () -> builder.add(passages(5, 1), wrong));
    assertEquals(2, opened(builder).size());
  }

  private static void refused(String reason, Runnable call) {
    var error = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(error.getMessage().contains(reason), error.getMessage());
  }

  @Test
  void queriesThatAreNoneAreRefused() {
    OnnxVectorSearch search = sample();
    refused(
        "query 1 has no vector: cut off",
        () ->
            search.searchAll(
                Embeddings.of(
                    DIMENSION, new float[2 * DIMENSION], new BitSet(), Map.of(1, "cut off")),
                3,
                Filter.all(),
                Deadline.none()));
    refused(
        "dimension 2; the vectors have 48",
        () -> search.searchAll(Embeddings.of(2, new float[4]), 3, Filter.all(), Deadline.none()));
    assertEquals(
        List.of(),
        search.searchAll(Embeddings.of(2, new float[0]), 3, Filter.all(), Deadline.none()));
  }

  @Test
  void aClosedSearchSaysSoAndClosesOnce() {
    OnnxVectorSearch search = sample();
    search.close();
    search.close();
    var error =
        assertThrows(
            IllegalStateException.class,
            () -> search.search(new float[DIMENSION], 1, Filter.all(), Deadline.none()));
    assertEquals("exact search over 3000 vectors is closed", error.getMessage());
  }

  @Test
  void closingWaitsForSearchesInFlight() throws InterruptedException {
    OnnxVectorSearch search = sample();
    Embeddings queries = random(640, 6, 1);
    CountDownLatch started = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread searching =
        new Thread(
            () -> {
              try {
                while (true) {
                  search.searchAll(queries, 10, Filter.all(), Deadline.none());
                  started.countDown();
                }
              } catch (IllegalStateException e) {
                failure.set(e);
              }
            });
    searching.start();
    started.await();
    search.close();
    searching.join();
    assertEquals("exact search over 3000 vectors is closed", failure.get().getMessage());
  }

  @Test
  void deadlinesAndInterruptsStopASearchOnlyForItsCaller() {
    OnnxVectorSearch search = sample();
    Embeddings queries = random(6_400, 7, 1);
    assertThrows(
        DeadlineExceededException.class,
        () -> search.searchAll(queries, 1_000, Filter.all(), Deadline.after(Duration.ofMillis(1))));
    Thread.currentThread().interrupt();
    assertThrows(
        DeadlineExceededException.class,
        () -> search.searchAll(queries, 10, Filter.all(), Deadline.none()));
    assertTrue(Thread.interrupted());
    assertFalse(
        search.searchAll(random(1, 1, 1), 10, Filter.all(), Deadline.none()).get(0).isEmpty());
  }
}
