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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JelmerkGraphTest {
  private static final int DIMENSION = 32;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void findsWhatTheExactSearchFindsAndSurvivesReopening(ElementType elements) throws Exception {
    int size = 5_000;
    Random random = new Random(7);
    List<Passage> passages = new ArrayList<>();
    float[] values = new float[size * DIMENSION];
    for (int i = 0; i < size; i++) {
      passages.add(Passage.of("p" + i, "text " + i).withMetadata(Metadata.of("n", i)));
      for (int j = 0; j < DIMENSION; j++) {
        values[i * DIMENSION + j] = (float) random.nextGaussian();
      }
    }
    Path place = folder.resolve("index");
    EmbeddingSpace space = EmbeddingSpace.named("test", DIMENSION);
    try (PassageIndex index =
        PassageIndex.create(place, space, IndexOptions.defaults().withElements(elements))) {
      index.add(passages, Embeddings.of(DIMENSION, values));
      index.commit();
      assertEquals(1, index.stats().graphs());
      check(index, random);
    }
    try (PassageIndex index = PassageIndex.open(place)) {
      assertEquals(1, index.stats().graphs());
      check(index, random);
    }
  }

  private static void check(PassageIndex index, Random random) {
    int found = 0;
    for (int q = 0; q < 50; q++) {
      float[] query = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        query[j] = (float) random.nextGaussian();
      }
      Filter filter = q % 2 == 0 ? Filter.all() : Filter.gte("n", 1000);
      List<ScoredPassage> exact = index.searchExact(query, 10, filter, Deadline.none());
      List<ScoredPassage> near = index.search(query, 10, filter, Deadline.none());
      assertEquals(10, near.size());
      near.retainAll(exact);
      found += near.size();
    }
    assertTrue(found >= 480, "recall " + found + " of 500");
  }
}
