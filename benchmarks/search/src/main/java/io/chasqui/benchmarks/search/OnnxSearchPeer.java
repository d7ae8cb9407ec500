package io.chasqui.benchmarks.search;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import io.chasqui.onnx.OnnxSearchOptions;
import io.chasqui.onnx.OnnxVectorSearch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@link OnnxVectorSearch}; the workload is how many queries a call has. */
final class OnnxSearchPeer implements Peer {
  private final RandomVectors vectors;
  private final OnnxVectorSearch search;

  private OnnxSearchPeer(RandomVectors vectors, int threads) {
    this.vectors = vectors;
    List<Passage> passages = new ArrayList<>();
    for (int row = 0; row < vectors.rowCount(); row++) {
      passages.add(Passage.of(Integer.toString(row), ""));
    }
    this.search =
        OnnxVectorSearch.builder(EmbeddingSpace.named("random", vectors.dimension()))
            .options(OnnxSearchOptions.defaults().withThreads(threads))
            .add(passages, Embeddings.of(vectors.dimension(), vectors.rows()))
            .build();
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    PeerServer.serve(
        () -> new OnnxSearchPeer(RandomVectors.of(arguments), arguments.number("threads")));
  }

  @Override
  public String describe() {
    return "OnnxVectorSearch: bytes through ONNX Runtime, 3 candidates per hit rescored";
  }

  @Override
  public void run(String workload) {
    List<float[]> unused = search(Integer.parseInt(workload));
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    Vectors.write(file, search(Integer.parseInt(workload)));
  }

  private List<float[]> search(int batch) {
    List<float[]> found = new ArrayList<>();
    int dimension = vectors.dimension();
    for (int from = 0; from < vectors.queryCount(); from += batch) {
      int to = Math.min(vectors.queryCount(), from + batch);
      float[] rows = Arrays.copyOfRange(vectors.queries(), from * dimension, to * dimension);
      Embeddings queries = Embeddings.of(dimension, rows);
      search
          .searchAll(queries, RandomVectors.K, Filter.all(), Deadline.none())
          .forEach(hits -> found.add(ordinals(hits)));
    }
    return found;
  }

  /** Which rows were found, sorted: equal if recall is 1. */
  private static float[] ordinals(List<ScoredPassage> hits) {
    float[] ordinals = new float[hits.size()];
    for (int i = 0; i < ordinals.length; i++) {
      ordinals[i] = Integer.parseInt(hits.get(i).id());
    }
    Arrays.sort(ordinals);
    return ordinals;
  }

  @Override
  public void close() {
    search.close();
  }
}
