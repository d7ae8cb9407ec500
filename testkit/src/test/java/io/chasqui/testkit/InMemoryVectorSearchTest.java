package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.VectorSearch;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InMemoryVectorSearchTest implements VectorSearchContract {
  @Override
  public VectorSearch search(EmbeddingSpace space, List<Passage> passages, Embeddings vectors) {
    return InMemoryVectorSearch.of(space, passages, vectors);
  }

  @Test
  void passagesAndVectorsMustFit() {
    EmbeddingSpace space = EmbeddingSpace.named("two", 2);
    Passage passage = Passage.of("a", "x");
    assertThrows(
        IllegalArgumentException.class,
        () -> search(space, List.of(passage, passage), Embeddings.of(2, new float[4])));
    assertThrows(
        IllegalArgumentException.class,
        () -> search(space, List.of(passage), Embeddings.of(2, new float[4])));
    assertThrows(
        IllegalArgumentException.class,
        () -> search(space, List.of(passage), Embeddings.of(3, new float[3])));
  }

  @Test
  void aPassageWithoutVectorIsRefusedByName() {
    EmbeddingSpace space = EmbeddingSpace.named("two", 2);
    Embeddings vectors = Embeddings.of(2, new float[4], new BitSet(), Map.of(1, "NaN"));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> search(space, List.of(Passage.of("a", "x"), Passage.of("b", "y")), vectors));
    assertTrue(String.valueOf(e.getMessage()).contains("passage b"), e.getMessage());
  }
}
