package io.chasqui.lucene;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.testkit.RetrieverContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class LuceneRetrieverContractTest implements RetrieverContract {
  @TempDir Path folder;

  private final List<LuceneRetriever> open = new ArrayList<>();

  @Override
  public Retriever retriever(List<Passage> passages) {
    try {
      LuceneRetriever retriever =
          LuceneRetriever.create(folder.resolve("" + open.size()), LuceneOptions.defaults());
      open.add(retriever);
      retriever.add(passages);
      retriever.commit();
      return retriever;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() throws IOException {
    for (LuceneRetriever retriever : open) {
      retriever.close();
    }
  }
}
