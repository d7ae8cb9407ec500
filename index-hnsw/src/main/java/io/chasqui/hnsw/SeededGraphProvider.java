package io.chasqui.hnsw;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntConsumer;

/**
 * HNSW graphs built here: of the same vectors, seed and parameters always the same graph, however
 * many threads build it. Thread-safe.
 */
public final class SeededGraphProvider implements VectorGraphProvider {
  /** The name in index manifests. */
  public static final String NAME = "seeded-hnsw";

  /** Found by {@link java.util.ServiceLoader}. */
  public SeededGraphProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer progress) {
    Adjacency links =
        vectors.size() == 0
            ? Adjacency.of(-1, new int[0][][])
            : GraphBuilder.build(vectors, options, progress);
    return new FlatGraph(NAME, vectors, links);
  }

  @Override
  public VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options)
      throws IOException {
    return new FlatGraph(NAME, vectors, Adjacency.read(in, vectors.size()));
  }
}
