package io.chasqui.testkit;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/** A graph without edges: compares all vectors. */
class ExactGraphs implements VectorGraphProvider {
  private static final int PADDING = 500;

  @Override
  public String name() {
    return "exact";
  }

  @Override
  public VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer progress) {
    progress.accept(vectors.size());
    return new Exact(vectors);
  }

  @Override
  public VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options)
      throws IOException {
    byte[] bytes = in.readAllBytes();
    if (bytes.length != PADDING + 2 * Integer.BYTES
        || ByteBuffer.wrap(bytes).getInt(PADDING) != vectors.size()
        || ByteBuffer.wrap(bytes).getInt(PADDING + Integer.BYTES) != checksum(bytes)) {
      throw new IOException("no such graph");
    }
    return new Exact(vectors);
  }

  private static int checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, PADDING + Integer.BYTES);
    return (int) checksum.getValue();
  }

  private record Exact(VectorSource vectors) implements VectorGraph {
    @Override
    public String name() {
      return "exact";
    }

    @Override
    public int size() {
      return vectors.size();
    }

    @Override
    public Neighbours search(float[] query, int k, int breadth, IntPredicate accept) {
      List<Integer> best =
          IntStream.range(0, size())
              .filter(accept)
              .boxed()
              .sorted(
                  Comparator.comparingDouble((Integer o) -> -vectors.similarity(o, query))
                      .thenComparing(Comparator.naturalOrder()))
              .limit(k)
              .toList();
      float[] similarities = new float[best.size()];
      for (int i = 0; i < similarities.length; i++) {
        similarities[i] = vectors.similarity(best.get(i), query);
      }
      return new Neighbours(best.stream().mapToInt(o -> o).toArray(), similarities);
    }

    @Override
    public void write(OutputStream out) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(PADDING + 2 * Integer.BYTES);
      bytes.putInt(PADDING, size());
      bytes.putInt(PADDING + Integer.BYTES, checksum(bytes.array()));
      out.write(bytes.array());
    }
  }
}
