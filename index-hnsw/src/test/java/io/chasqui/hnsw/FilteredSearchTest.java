package io.chasqui.hnsw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.index.ElementType;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Filters that leave everything, half, a thousandth: the answer is full, and it is the right one.
 */
class FilteredSearchTest {
  private static final int ROWS = 6_000;
  private static final int DIMENSION = 24;
  private static final int CLUSTERS = 30;
  private static final int K = 10;
  private static final int QUERIES = 20;

  @TempDir Path folder;

  private final Random random = new Random(4);
  private final float[][] centres = new float[CLUSTERS][];
  private final List<float[]> queries = new ArrayList<>();

  private float[] near(float[] centre, double spread) {
    float[] vector = new float[DIMENSION];
    double squares = 0;
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) (centre[i] + spread * random.nextGaussian());
      squares += (double) vector[i] * vector[i];
    }
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  private PassageIndex index(ElementType elements) throws IOException {
    for (int i = 0; i < CLUSTERS; i++) {
      centres[i] = near(new float[DIMENSION], 1);
    }
    List<Passage> passages = new ArrayList<>();
    float[] values = new float[ROWS * DIMENSION];
    for (int i = 0; i < ROWS; i++) {
      int cluster = random.nextInt(CLUSTERS);
      Metadata metadata = Metadata.of("n", random.nextInt(1_000)).with("cluster", cluster);
      passages.add(Passage.of("p" + i, "").withMetadata(metadata));
      System.arraycopy(near(centres[cluster], 0.1), 0, values, i * DIMENSION, DIMENSION);
    }
    for (int i = 0; i < QUERIES; i++) {
      queries.add(near(centres[random.nextInt(CLUSTERS)], 0.1));
    }
    PassageIndex index =
        PassageIndex.create(
            folder.resolve("index"),
            EmbeddingSpace.named("test", DIMENSION),
            IndexOptions.defaults().withElements(elements));
    index.add(passages, Embeddings.of(DIMENSION, values));
    index.commit();
    assertEquals(1, index.stats().graphs());
    return index;
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT32", "INT8"})
  void theAnswerIsFullAndRightAtEverySelectivity(ElementType elements) throws IOException {
    try (PassageIndex index = index(elements)) {
      // Walks down to about 600, scans below.
      for (int perMille : new int[] {1_000, 900, 800, 700, 500, 100, 50, 20, 10, 5, 2, 1}) {
        expectFull(index, Filter.lt("n", perMille), "n < " + perMille);
      }
      // Matches that all lie in one place, far from most queries.
      for (int cluster = 0; cluster < 3; cluster++) {
        expectFull(index, Filter.eq("cluster", cluster), "cluster " + cluster);
        Filter few = Filter.and(Filter.eq("cluster", cluster), Filter.lt("n", 100));
        expectFull(index, few, "a tenth of cluster " + cluster);
        expectFull(index, Filter.ne("cluster", cluster), "all but cluster " + cluster);
      }
      expectFull(index, Filter.gt("n", 5_000), "nothing");
    }
  }

  private void expectFull(PassageIndex index, Filter filter, String what) {
    int found = 0;
    int wanted = 0;
    for (float[] query : queries) {
      List<ScoredPassage> truth = index.searchExact(query, K, filter, Deadline.none());
      List<ScoredPassage> hits = index.search(query, K, filter, Deadline.none());
      assertEquals(truth.size(), hits.size(), what);
      for (ScoredPassage hit : hits) {
        assertTrue(filter.matches(hit.passage().metadata()), what);
      }
      Set<String> ids = truth.stream().map(ScoredPassage::id).collect(Collectors.toSet());
      wanted += ids.size();
      found += (int) hits.stream().filter(hit -> ids.contains(hit.id())).count();
    }
    double recall = wanted == 0 ? 1 : (double) found / wanted;
    assertTrue(recall >= 0.99, what + ": recall " + recall);
  }
}
