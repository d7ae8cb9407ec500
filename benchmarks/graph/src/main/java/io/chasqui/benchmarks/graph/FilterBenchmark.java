package io.chasqui.benchmarks.graph;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.benchmarks.Machine;
import io.chasqui.index.ElementType;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.OpenedIndex;
import io.chasqui.index.PassageIndex;
import io.chasqui.spi.GraphOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times searches under filters that accept from all passages down to one in a thousand. */
@Command(
    name = "filters",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Finds the 10 nearest of clustered unit vectors (those of 'graph') that a filter accepts:"
            + " passages drawn at random, or passages that lie together. Beside our search, which"
            + " chooses between the graph and a scan, an index without a graph and a walk that"
            + " nothing stops. CPU time of one thread; medians of the rounds.")
public final class FilterBenchmark implements Callable<Integer> {
  private static final int BREADTH = 48;
  private static final double[] SHARES = {
    1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001
  };

  @Option(
      names = "--size",
      paramLabel = "ROWSxDIMENSION",
      description = "Default: ${DEFAULT-VALUE}")
  private String size = "40000x768";

  @Option(names = "--queries", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int queries = 200;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 3;

  @Option(names = "--data", paramLabel = "FOLDER", required = true)
  private Path data = Path.of("");

  public static void main(String[] args) {
    System.exit(new CommandLine(new FilterBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    String[] parts = size.split("x", -1);
    int rows = Integer.parseInt(parts[0]);
    GraphData made = GraphData.make(data.toAbsolutePath(), rows, Integer.parseInt(parts[1]), 1_000);
    OpenedIndex graph = open(made, "filters", "seeded-hnsw");
    OpenedIndex scan = open(made, "filters-scan", "");
    float[][] asked = Arrays.copyOf(made.queries(), queries);
    System.out.println("_" + Machine.describe() + "_\n");
    for (String kind : List.of("random", "together")) {
      System.out.printf(
          "### %s, INT8, filter accepts passages: %s%n%n| accepted | CPU µs a query | recall@10 |"
              + " chosen | scan only | walk only |%n|---|---|---|---|---|---|%n",
          size, kind);
      for (double share : SHARES) {
        line(graph, scan, asked, kind, (int) (share * rows), rows);
      }
      System.out.println();
    }
    return 0;
  }

  private void line(
      OpenedIndex graph, OpenedIndex scan, float[][] asked, String kind, int accepted, int rows) {
    Filter filter = accepted == rows ? Filter.all() : Filter.lt(kind, accepted);
    String[] ids = graph.exact(asked[0], rows, filter).toArray(new String[0]);
    boolean[] accept = new boolean[rows];
    for (String id : ids) {
      accept[Integer.parseInt(id)] = true;
    }
    if (ids.length != accepted) {
      throw new IllegalStateException(ids.length + " accepted, not " + accepted);
    }
    int breadth = Math.max(BREADTH, Math.min(accepted, 3 * GraphData.K));
    double ours = micros(asked, query -> graph.nearest(query, GraphData.K, BREADTH, filter));
    double scanned = micros(asked, query -> scan.nearest(query, GraphData.K, BREADTH, filter));
    double walked = micros(asked, query -> graph.walk(query, breadth, row -> accept[row]));
    int hits = 0;
    int all = 0;
    for (float[] query : asked) {
      List<String> truth = graph.exact(query, GraphData.K, filter);
      List<String> found = graph.nearest(query, GraphData.K, BREADTH, filter);
      all += truth.size();
      hits += (int) found.stream().filter(truth::contains).count();
    }
    System.out.printf(
        Locale.ROOT,
        "| %.1f %% | %.0f | %.4f | %s | %.0f | %.0f |%n",
        100.0 * accepted / rows,
        ours,
        hits / (double) all,
        graph.prefersWalk(accepted, breadth) ? "walk" : "scan",
        scanned,
        walked);
  }

  private double micros(float[][] asked, Function<float[], List<String>> search) {
    double[] times = new double[rounds];
    for (int round = -1; round < rounds; round++) { // the first warms up
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      for (float[] query : asked) {
        List<String> unused = search.apply(query);
      }
      long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      times[Math.max(round, 0)] = took / 1e3 / asked.length;
    }
    Arrays.sort(times);
    return times[rounds / 2];
  }

  private static OpenedIndex open(GraphData made, String name, String graph) throws IOException {
    Path place = made.folder().resolve(name);
    Path done = made.folder().resolve(name + ".done");
    if (!Files.exists(done)) {
      float[][] base = made.base();
      int[] random = ranks(base.length, new Random(1).doubles(base.length).toArray());
      float[] direction = base[0];
      double[] along =
          IntStream.range(0, base.length)
              .mapToDouble(row -> -GraphData.dot(base[row], direction))
              .toArray();
      int[] together = ranks(base.length, along);
      IndexOptions options =
          IndexOptions.defaults()
              .withGraph(graph)
              .withElements(ElementType.INT8)
              .withGraphOptions(GraphOptions.defaults());
      EmbeddingSpace space = EmbeddingSpace.named("benchmark", base[0].length);
      try (PassageIndex index = PassageIndex.create(place, space, options)) {
        for (int row = 0; row < base.length; row++) {
          Metadata metadata = Metadata.of("random", random[row]).with("together", together[row]);
          Passage passage = Passage.of(String.format("%08d", row), "").withMetadata(metadata);
          index.add(List.of(passage), Embeddings.of(base[row].length, base[row]));
        }
        index.commit();
      }
      Files.createFile(done);
    }
    return OpenedIndex.open(place);
  }

  /** The place of each row if they are sorted by these values. */
  private static int[] ranks(int rows, double[] values) {
    List<Integer> order =
        IntStream.range(0, rows)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> values[row]))
            .toList();
    int[] ranks = new int[rows];
    for (int place = 0; place < rows; place++) {
      ranks[order.get(place)] = place;
    }
    return ranks;
  }
}
