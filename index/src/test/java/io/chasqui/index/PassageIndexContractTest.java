package io.chasqui.index;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.VectorSearch;
import io.chasqui.testkit.VectorSearchContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class PassageIndexContractTest implements VectorSearchContract {
  private final List<PassageIndex> opened = new ArrayList<>();

  ElementType elements() {
    return ElementType.FLOAT32;
  }

  @Override
  public VectorSearch search(EmbeddingSpace space, List<Passage> passages, Embeddings vectors)
      throws IOException {
    IndexOptions options = IndexOptions.exact().withElements(elements());
    PassageIndex index = PassageIndex.create(new MemoryFiles(), Path.of("index"), space, options);
    opened.add(index);
    index.add(passages, vectors);
    index.commit();
    return index;
  }

  @AfterEach
  void close() {
    opened.forEach(PassageIndex::close);
  }
}
