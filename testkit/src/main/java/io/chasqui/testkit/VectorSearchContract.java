package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every {@link VectorSearch} must do, measured against {@link InMemoryVectorSearch}: a test
 * class that implements this interface runs these tests.
 */
public interface VectorSearchContract {
  /** Dimension of the vectors that the tests use. */
  int DIMENSION = 16;

  /** Number of passages that the tests use. */
  int SIZE = 200;

  /**
   * A search over these passages, which answers exactly on a few hundred of them.
   *
   * @param vectors one row per passage, in order
   */
  VectorSearch search(EmbeddingSpace space, List<Passage> passages, Embeddings vectors)
      throws Exception;

  /** Largest difference of a score from the exact dot product of vectors of unit length. */
  default float tolerance() {
    return 1e-5f;
  }

  private static EmbeddingSpace space() {
    return EmbeddingSpace.named("contract", DIMENSION);
  }

  private static List<Passage> passages(int size) {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Metadata metadata =
          Metadata.of("n", i)
              .with("tenant", "t" + i % 10)
              .with("price", i / 4.0)
              .with("draft", i % 2 == 0)
              .with("tags", List.of("a" + i % 3, "b"));
      passages.add(
          new Passage(
              "p" + (i * 7919) % 100_003, "d" + i / 5, "Title " + i, "Text " + i, metadata));
    }
    return passages;
  }

  private static Embeddings vectors(int size) {
    VectorArray vectors = VectorArray.random(size, DIMENSION, 1);
    float[] values = new float[size * DIMENSION];
    for (int i = 0; i < size; i++) {
      System.arraycopy(vectors.vector(i), 0, values, i * DIMENSION, DIMENSION);
    }
    return Embeddings.of(DIMENSION, values);
  }

  private VectorSearch sample() throws Exception {
    return search(space(), passages(SIZE), vectors(SIZE));
  }

  @Test
  default void theSpaceIsKept() throws Exception {
    assertEquals(space(), sample().space());
  }

  @Test
  default void hitsAndScoresAreThoseOfAnExactSearch() throws Exception {
    VectorSearch search = sample();
    for (int k : new int[] {1, 10, SIZE, 2 * SIZE}) {
      assertExact(search, k, Filter.all());
    }
  }

  @Test
  default void aFilterIsNeverViolatedAndTheAnswerIsFull() throws Exception {
    VectorSearch search = sample();
    List<Filter> filters =
        List.of(
            Filter.eq("tenant", "t3"),
            Filter.eq("n", 17),
            Filter.lt("price", 12.5),
            Filter.and(Filter.eq("draft", true), Filter.contains("tags", "a1")),
            Filter.not(Filter.exists("n")));
    for (Filter filter : filters) {
      for (int k : new int[] {1, 10, SIZE}) {
        assertExact(search, k, filter);
      }
    }
  }

  @Test
  default void manyQueriesTogetherFindWhatEachFindsAlone() throws Exception {
    VectorSearch search = sample();
    Embeddings queries = vectors(70);
    for (Filter filter : List.of(Filter.all(), Filter.eq("tenant", "t3"))) {
      List<List<ScoredPassage>> together = search.searchAll(queries, 10, filter, Deadline.none());
      assertEquals(queries.size(), together.size());
      for (int row = 0; row < queries.size(); row++) {
        List<ScoredPassage> alone = search.search(queries.row(row), 10, filter, Deadline.none());
        assertEquals(alone, together.get(row), "query " + row);
      }
    }
    Embeddings none = Embeddings.of(DIMENSION, new float[0]);
    assertEquals(List.of(), search.searchAll(none, 10, Filter.all(), Deadline.none()));
  }

  private void assertExact(VectorSearch search, int k, Filter filter) {
    VectorSearch oracle = InMemoryVectorSearch.of(space(), passages(SIZE), vectors(SIZE));
    for (int q = 0; q < 10; q++) {
      float[] query = VectorArray.random(1, DIMENSION, 100 + q).vector(0);
      List<ScoredPassage> expected = oracle.search(query, k, filter, Deadline.none());
      List<ScoredPassage> found = search.search(query, k, filter, Deadline.none());
      Rankings.assertRanking(found, k, passages(SIZE));
      assertEquals(
          expected.size(), found.size(), () -> filter + " gave " + Rankings.describe(found));
      for (int i = 0; i < found.size(); i++) {
        // Scores by place, not ids: within the tolerance two neighbours may change places.
        assertEquals(expected.get(i).score(), found.get(i).score(), tolerance());
        float exact = scoreOf(oracle, query, found.get(i));
        assertEquals(exact, found.get(i).score(), tolerance(), found.get(i).id());
        assertEquals(true, filter.matches(found.get(i).passage().metadata()));
      }
    }
  }

  private static float scoreOf(VectorSearch oracle, float[] query, ScoredPassage hit) {
    return oracle.search(query, SIZE, Filter.all(), Deadline.none()).stream()
        .filter(h -> h.id().equals(hit.id()))
        .findFirst()
        .orElseThrow()
        .score();
  }

  @Test
  default void tiesAreOrderedById() throws Exception {
    int size = 12;
    float[] values = new float[size * DIMENSION];
    for (int i = 0; i < size; i++) {
      values[i * DIMENSION + i % 2] = 1f;
    }
    VectorSearch search = search(space(), passages(size), Embeddings.of(DIMENSION, values));
    float[] query = new float[DIMENSION];
    query[0] = 1f;
    List<ScoredPassage> hits = search.search(query, size, Filter.all(), Deadline.none());
    assertEquals(size, hits.size());
    Rankings.assertRanking(hits, size, passages(size));
  }

  @Test
  default void nothingIsFoundInNothing() throws Exception {
    VectorSearch empty = search(space(), List.of(), Embeddings.of(DIMENSION, new float[0]));
    assertEquals(List.of(), empty.search(new float[DIMENSION], 3, Filter.all(), Deadline.none()));
  }

  @Test
  default void aQueryThatIsNoneIsRefused() throws Exception {
    VectorSearch search = sample();
    float[] good = new float[DIMENSION];
    refused(search, new float[DIMENSION - 1], 3);
    refused(search, new float[DIMENSION + 1], 3);
    refused(search, good, 0);
    refused(search, good, -1);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] query = new float[DIMENSION];
      Arrays.fill(query, 0.1f);
      query[DIMENSION - 1] = bad;
      refused(search, query, 3);
    }
    assertExact(search, 3, Filter.all()); // and nothing was broken by it
  }

  private static void refused(VectorSearch search, float[] query, int k) {
    assertThrows(
        IllegalArgumentException.class,
        () -> search.search(query, k, Filter.all(), Deadline.none()));
  }

  @Test
  default void searchesOnFourThreadsGiveTheSame() throws Exception {
    VectorSearch search = sample();
    float[] query = VectorArray.random(1, DIMENSION, 7).vector(0);
    List<ScoredPassage> alone = search.search(query, 20, Filter.all(), Deadline.none());
    for (List<ScoredPassage> together :
        Samples.concurrently(() -> search.search(query, 20, Filter.all(), Deadline.none()))) {
      assertEquals(alone, together);
    }
  }

  @Test
  default void aPassedDeadlineStopsTheSearch() throws Exception {
    VectorSearch search = sample();
    Deadline passed = Deadline.after(Duration.ZERO);
    assertThrows(
        DeadlineExceededException.class,
        () -> search.search(new float[DIMENSION], 3, Filter.all(), passed));
  }
}
