package io.chasqui.index;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/** A graph that compares with every vector, and whose file is a thousand times its size. */
public final class TestGraph implements VectorGraphProvider {
  static final AtomicInteger BUILT = new AtomicInteger();

  /** An ordinal that no search finds; −1 for none. */
  static final AtomicInteger BLIND_TO = new AtomicInteger(-1);

  @Override
  public String name() {
    return "test";
  }

  @Override
  public VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer progress) {
    BUILT.incrementAndGet();
    progress.accept(vectors.size());
    return new Graph(vectors);
  }

  @Override
  public VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options)
      throws IOException {
    for (int i = 0; i < 1000; i++) {
      if (in.read() != vectors.size()) {
        throw new IOException("not the graph that was written");
      }
    }
    return new Graph(vectors);
  }

  private record Graph(VectorSource vectors) implements VectorGraph {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public int size() {
      return vectors.size();
    }

    @Override
    public Neighbours search(float[] query, int k, int breadth, IntPredicate accept) {
      TopK best = new TopK(Math.min(k, vectors.size()));
      for (int i = 0; i < vectors.size(); i++) {
        if (accept.test(i) && i != BLIND_TO.get()) {
          best.offer(i, vectors.similarity(i, query));
        }
      }
      return best.drain();
    }

    @Override
    public void write(OutputStream out) throws IOException {
      for (int i = 0; i < 1000; i++) {
        out.write(vectors.size());
      }
    }
  }
}
