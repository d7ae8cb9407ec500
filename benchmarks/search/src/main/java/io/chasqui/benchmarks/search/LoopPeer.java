package io.chasqui.benchmarks.search;

import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A plain loop over float32 vectors in one array, query by query, queries spread over the threads
 * of the common pool; the dot product uses the Vector API. The workload's name means nothing to it.
 */
final class LoopPeer implements Peer {
  private static final String VECTOR_API = "io.chasqui.benchmarks.search.VectorDotProduct";

  private final RandomVectors vectors;
  private final DotProduct dot;

  private LoopPeer(RandomVectors vectors, DotProduct dot) {
    this.vectors = vectors;
    this.dot = dot;
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    PeerServer.serve(
        () -> {
          // By name: it is compiled apart.
          var constructor = Class.forName(VECTOR_API).getDeclaredConstructor();
          DotProduct dot = (DotProduct) constructor.newInstance();
          return new LoopPeer(RandomVectors.of(arguments), dot);
        });
  }

  @Override
  public String describe() {
    return "loop with the Vector API, Java " + Runtime.version().feature();
  }

  @Override
  public void run(String workload) {
    List<float[]> unused = search();
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    Vectors.write(file, search());
  }

  private List<float[]> search() {
    int dimension = vectors.dimension();
    return IntStream.range(0, vectors.queryCount())
        .parallel()
        .mapToObj(
            q -> nearest(Arrays.copyOfRange(vectors.queries(), q * dimension, (q + 1) * dimension)))
        .toList();
  }

  /** Ordinals of the best rows, sorted; kept by insertion, which happens seldom. */
  private float[] nearest(float[] query) {
    float[] scores = new float[RandomVectors.K];
    int[] ordinals = new int[RandomVectors.K];
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    for (int row = 0; row < vectors.rowCount(); row++) {
      float score = dot.of(query, vectors.rows(), row * query.length);
      if (score > scores[RandomVectors.K - 1]) {
        int at = RandomVectors.K - 1;
        for (; at > 0 && scores[at - 1] < score; at--) {
          scores[at] = scores[at - 1];
          ordinals[at] = ordinals[at - 1];
        }
        scores[at] = score;
        ordinals[at] = row;
      }
    }
    float[] found = new float[RandomVectors.K];
    for (int i = 0; i < found.length; i++) {
      found[i] = ordinals[i];
    }
    Arrays.sort(found);
    return found;
  }

  @Override
  public void close() {}
}
