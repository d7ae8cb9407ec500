package io.chasqui.benchmarks.search;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.benchmarks.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the exact search of many queries at once against a loop with the Vector API. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Finds the 10 nearest of random unit vectors exactly: OnnxVectorSearch in batches and one"
            + " by one, and a loop with the Vector API.")
public final class SearchBenchmark implements Callable<Integer> {
  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "ROWSxDIMENSION",
      description = "A table each. Default: ${DEFAULT-VALUE}")
  private List<String> sizes = List.of("20000x4096", "50000x256");

  @Option(
      names = "--batches",
      split = ",",
      paramLabel = "N",
      description = "Queries per call, a line each. Default: ${DEFAULT-VALUE}")
  private List<Integer> batches = List.of(64, 8, 1);

  @Option(
      names = "--queries",
      paramLabel = "N",
      description = "Of a round. Default: ${DEFAULT-VALUE}")
  private int queries = 256;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Rounds before those that count: a round is short, and compilers need seconds. Default:"
              + " ${DEFAULT-VALUE}")
  private int warmUp = 20;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Of each peer. Default: all")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--output", paramLabel = "FILE", description = "Tables are appended to it, too.")
  private Optional<Path> output = Optional.empty();

  public static void main(String[] args) {
    System.exit(new CommandLine(new SearchBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("chasqui.benchmarks", "benchmarks")).toAbsolutePath();
    String classPath = Modules.below(root).classPath("search");
    print("_" + Machine.describe() + "_\n");
    for (String size : sizes) {
      String[] parts = size.split("x", -1);
      List<String> arguments =
          List.of(
              "rows=" + Integer.parseInt(parts[0]),
              "dimension=" + Integer.parseInt(parts[1]),
              "queries=" + queries,
              "threads=" + threads);
      List<Contestant> contestants = contestants(classPath, arguments);
      Path scratch = root.resolve("search").resolve("target").resolve("scratch");
      Contest contest = new Contest(contestants, warmUp, rounds, scratch, System.err::println);
      String title =
          String.format(Locale.ROOT, "Exact search, 10 of %s vectors, %d threads", size, threads);
      print(new ResultTable(title, "queries", queries, contest.run()).toMarkdown());
    }
    return 0;
  }

  private List<Contestant> contestants(String classPath, List<String> arguments) {
    PeerCommand onnx = peer("OnnxVectorSearch", classPath, OnnxSearchPeer.class, arguments);
    PeerCommand loop = peer("Vector API", classPath, LoopPeer.class, arguments);
    List<Contestant> contestants = new ArrayList<>();
    for (int batch : batches) {
      contestants.add(
          new Contestant("OnnxVectorSearch, batch " + batch, onnx, Integer.toString(batch)));
    }
    contestants.add(new Contestant("loop with the Vector API, float32", loop, "all"));
    return contestants;
  }

  private PeerCommand peer(String name, String classPath, Class<?> main, List<String> arguments) {
    List<String> options =
        List.of(
            "-Xmx3g",
            "--add-modules=jdk.incubator.vector",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + Math.max(1, threads - 1));
    return PeerCommand.java(
        name, PeerCommand.thisJava(), options, classPath, main.getName(), arguments);
  }

  private void print(String text) throws IOException {
    System.out.println(text);
    if (output.isPresent()) {
      Files.writeString(
          output.get(), text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }
}
