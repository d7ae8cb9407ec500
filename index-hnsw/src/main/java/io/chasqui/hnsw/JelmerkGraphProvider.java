package io.chasqui.hnsw;

import com.github.jelmerk.hnswlib.core.Item;
import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * HNSW graphs built by jelmerk's hnswlib. The library sees ordinals only; once a graph is built,
 * its links are taken over, and it is searched, written and read here. Thread-safe.
 *
 * <p>The library draws levels from an unseeded generator: two builds give different graphs of the
 * same quality, whatever the seed.
 */
public final class JelmerkGraphProvider implements VectorGraphProvider {
  /** The name in index manifests. */
  public static final String NAME = "jelmerk-hnsw";

  private static final int PROGRESS_EVERY = 256;

  /** Found by {@link java.util.ServiceLoader}. */
  public JelmerkGraphProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  /** What the library takes for an item and for its vector. */
  private record Node(int ordinal, int dimensions) implements Item<Integer, Node> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer id() {
      return ordinal;
    }

    @Override
    public Node vector() {
      return this;
    }
  }

  @Override
  public VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer progress) {
    int size = vectors.size();
    if (size == 0) {
      return new FlatGraph(NAME, vectors, Adjacency.of(-1, new int[0][][]));
    }
    HnswIndex<Integer, Node, Node, Float> index =
        HnswIndex.<Node, Float>newBuilder(
                vectors.dimension(), (a, b) -> -vectors.similarity(a.ordinal(), b.ordinal()), size)
            .withM(options.maxConnections())
            .withEfConstruction(options.buildBreadth())
            .build();
    AtomicInteger added = new AtomicInteger();
    try (Workers workers = new Workers(options.threads())) {
      workers.forEach(
          0,
          size,
          ordinal -> {
            index.add(new Node(ordinal, vectors.dimension()));
            int count = added.incrementAndGet();
            if (count % PROGRESS_EVERY == 0 || count == size) {
              progress.accept(count);
            }
          });
    }
    return new FlatGraph(NAME, vectors, JelmerkLinks.of(index, vectors, Node.class, Node::ordinal));
  }

  @Override
  public VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options)
      throws IOException {
    return new FlatGraph(NAME, vectors, Adjacency.read(in, vectors.size()));
  }
}
