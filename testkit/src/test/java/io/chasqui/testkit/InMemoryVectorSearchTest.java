package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.VectorSearch;
import java.util.List;
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
}
