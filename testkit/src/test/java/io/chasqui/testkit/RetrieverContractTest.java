package io.chasqui.testkit;

import io.chasqui.Fusion;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import java.util.List;
import org.junit.jupiter.api.Nested;

class RetrieverContractTest {
  static Retriever dense(List<Passage> passages) {
    HashingEncoder encoder = HashingEncoder.create();
    return Retriever.of(encoder, InMemoryVectorSearch.of(encoder, passages));
  }

  @Nested
  class Dense implements RetrieverContract {
    @Override
    public Retriever retriever(List<Passage> passages) {
      return dense(passages);
    }
  }

  @Nested
  class Fused implements RetrieverContract {
    @Override
    public Retriever retriever(List<Passage> passages) {
      return Retriever.fused(Fusion.rrf(), 5, dense(passages), dense(passages));
    }
  }

  @Nested
  class WholePipeline implements RetrieverContract {
    @Override
    public Retriever retriever(List<Passage> passages) {
      return Pipeline.of(dense(passages).named("dense"))
          .rerank(Reranker.of(new LexicalScorer()), 20)
          .fuse(Fusion.rrf());
    }
  }
}
