package io.chasqui.benchmarks.graph;

import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;

/**
 * A graph that is searched for all queries, one by one. Its breadth is raised until its recall is
 * the one that was asked for. Used by one thread.
 */
public final class GraphPeer implements Peer {
  private static final int[] BREADTHS = {
    10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    384, 448, 512, 640, 768, 1024
  };

  /** What is measured. */
  public interface Graph extends AutoCloseable {
    /** Name and version of the library. */
    String name();

    /** The {@link GraphData#K} nearest rows, the best first. */
    int[] nearest(float[] query, int breadth) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** A library that makes such graphs. */
  public interface Library {
    /** Builds a graph and saves it. */
    void build(float[][] base, Path cache) throws IOException;

    /** Opens what was saved. */
    Graph open(Path cache) throws IOException;
  }

  private final GraphData data;
  private final float[][] queries;
  private final Graph graph;
  private final String build;
  private final long indexBytes;
  private final long processBytes;
  private int breadth;
  private double recall;

  private GraphPeer(PeerArguments arguments, Library library) throws IOException {
    this.data = new GraphData(arguments.path("data"));
    this.build = Files.readString(rate(data, arguments.text("name")));
    this.queries = data.queries();
    long before = residentBytes();
    this.graph = library.open(cache(data, arguments.text("name")));
    tune(Double.parseDouble(arguments.text("recall")));
    this.processBytes = residentBytes();
    this.indexBytes = processBytes - before;
  }

  /**
   * What a library's main does: builds a graph, or serves one that was built.
   *
   * @param arguments data (folder), name (of what is kept there), recall, build (true or false)
   */
  public static void main(PeerArguments arguments, Library library) throws IOException {
    if (arguments.flag("build")) {
      build(new GraphData(arguments.path("data")), arguments.text("name"), library);
    } else {
      PeerServer.serve(() -> new GraphPeer(arguments, library));
    }
  }

  private static void build(GraphData data, String name, Library library) throws IOException {
    float[][] base = data.base();
    double before = cpuSeconds();
    library.build(base, cache(data, name));
    double rows = base.length / (cpuSeconds() - before);
    Files.writeString(rate(data, name), String.format(Locale.ROOT, "%.0f", rows));
  }

  private static Path cache(GraphData data, String name) {
    return data.folder().resolve(name);
  }

  /** Where the rate of a build is kept: it is there when the build has come to its end. */
  static Path rate(GraphData data, String name) {
    return data.folder().resolve(name + ".build");
  }

  private void tune(double wanted) throws IOException {
    int[][] truth = data.truth();
    for (int candidate : BREADTHS) {
      int hits = 0;
      for (int q = 0; q < queries.length; q++) {
        List<Integer> expected = Arrays.stream(truth[q]).boxed().toList();
        for (int ordinal : graph.nearest(queries[q], candidate)) {
          hits += expected.contains(ordinal) ? 1 : 0;
        }
      }
      breadth = candidate;
      recall = hits / (double) (truth.length * GraphData.K);
      if (recall >= wanted) {
        return;
      }
    }
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** Memory of this process, mapped files included. */
  private static long residentBytes() throws IOException {
    System.gc();
    try (Scanner status = new Scanner(Path.of("/proc/self/status"), StandardCharsets.UTF_8)) {
      status.findWithinHorizon("VmRSS:", 0);
      return status.nextLong() * 1024;
    }
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s: efSearch %d, recall %.4f, index %d MB resident, process %d MB, built %s vectors per"
            + " CPU-second, JVM %s",
        graph.name(),
        breadth,
        recall,
        indexBytes / 1_000_000,
        processBytes / 1_000_000,
        build,
        Runtime.version());
  }

  @Override
  public void run(String workload) throws IOException {
    for (float[] query : queries) {
      if (graph.nearest(query, breadth).length != GraphData.K) {
        throw new IOException("fewer hits than asked for");
      }
    }
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    List<float[]> scores = new ArrayList<>();
    try (GraphData.Rows base = data.baseRows()) {
      for (float[] query : queries) {
        int[] nearest = graph.nearest(query, breadth);
        float[] row = new float[nearest.length];
        for (int i = 0; i < row.length; i++) {
          row[i] = GraphData.dot(base.row(nearest[i]), query);
        }
        scores.add(row);
      }
    }
    Vectors.write(file, scores);
  }

  @Override
  public void close() throws IOException {
    graph.close();
  }
}
