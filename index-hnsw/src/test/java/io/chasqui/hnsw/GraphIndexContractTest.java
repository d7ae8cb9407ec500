package io.chasqui.hnsw;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.VectorSearch;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.spi.GraphOptions;
import io.chasqui.testkit.VectorSearchContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** An index that searches even small segments through a graph. */
class GraphIndexContractTest implements VectorSearchContract {
  @TempDir Path folder;

  private final List<PassageIndex> opened = new ArrayList<>();

  @Override
  public VectorSearch search(EmbeddingSpace space, List<Passage> passages, Embeddings vectors)
      throws IOException {
    IndexOptions options =
        IndexOptions.defaults()
            .withGraphFrom(1)
            .withGraphOptions(GraphOptions.defaults().withSearchBreadth(VectorSearchContract.SIZE));
    PassageIndex index =
        PassageIndex.create(folder.resolve("index" + opened.size()), space, options);
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
