package io.chasqui.benchmarks.graph;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.benchmarks.ResultTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures searches through graphs against other libraries', all at the same recall. */
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Finds the 10 nearest of clustered unit vectors through HNSW graphs (M 16, efConstruction"
            + " 200). Each peer's efSearch is raised until its recall@10 is reached; then peers take"
            + " turns, one query at a time on one thread. Graphs are built once and kept: the build's"
            + " rate is in the last lines, memory too (of a run that built nothing).")
public final class GraphBenchmark implements Callable<Integer> {
  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "ROWSxDIMENSION",
      description = "A table each. Default: ${DEFAULT-VALUE}")
  private List<String> sizes = List.of("20000x4096", "40000x768");

  @Option(names = "--queries", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int queries = 1000;

  @Option(names = "--recall", paramLabel = "R", description = "Default: ${DEFAULT-VALUE}")
  private double recall = 0.998;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      required = true,
      description = "Where vectors and graphs are kept; about 3 GB.")
  private Path data = Path.of("");

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description =
          "Of: chasqui-int8, chasqui-float, chasqui-jelmerk-int8, jelmerk, hnswlib, lucene,"
              + " lucene-7bit. The first is the reference. Default: ${DEFAULT-VALUE}")
  private List<String> peers =
      List.of("chasqui-int8", "chasqui-float", "hnswlib", "lucene", "lucene-7bit", "jelmerk");

  @Option(
      names = "--hnswlib",
      paramLabel = "PROGRAM",
      description = "The C++ peer; benchmarks/README.md says how it is compiled.")
  private Optional<Path> hnswlib = Optional.empty();

  @Option(
      names = "--java21",
      paramLabel = "JAVA",
      description = "A java of JDK 21 or later, for Lucene 10. Default: the one that runs this")
  private Path java21 = PeerCommand.thisJava();

  public static void main(String[] args) {
    System.exit(new CommandLine(new GraphBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("chasqui.benchmarks", "benchmarks")).toAbsolutePath();
    Modules modules = Modules.below(root);
    System.out.println("_" + Machine.describe() + "_\n");
    for (String size : sizes) {
      String[] parts = size.split("x", -1);
      GraphData made =
          GraphData.make(
              data.toAbsolutePath(),
              Integer.parseInt(parts[0]),
              Integer.parseInt(parts[1]),
              queries);
      List<Contestant> contestants = new ArrayList<>();
      for (String peer : peers) {
        contestants.add(new Contestant(peer, command(peer, made.folder(), modules), "search"));
      }
      Path scratch = root.resolve("graph").resolve("target").resolve("scratch");
      Contest contest = new Contest(contestants, 3, rounds, scratch, System.err::println);
      String title =
          String.format(Locale.ROOT, "HNSW, 10 of %s vectors, recall ≥ %.3f", size, recall);
      System.out.println(new ResultTable(title, "queries", queries, contest.run()).toMarkdown());
    }
    return 0;
  }

  private PeerCommand command(String peer, Path folder, Modules modules) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("data=" + folder, "name=" + peer, "recall=" + recall));
    switch (peer) {
      case "hnswlib" -> {
        arguments.add(0, hnswlibProgram());
        arguments.addAll(List.of("m=16", "efConstruction=200"));
        return new PeerCommand(peer, arguments, Path.of(""), Map.of());
      }
      case "lucene", "lucene-7bit" -> {
        arguments.add("quantised=" + peer.equals("lucene-7bit"));
        return java(
            peer,
            java21,
            modules.classPath("graph-lucene"),
            "io.chasqui.benchmarks.lucene.LuceneGraph",
            arguments);
      }
      case "jelmerk" -> {
        return java(
            peer,
            PeerCommand.thisJava(),
            modules.classPath("graph"),
            JelmerkGraph.class.getName(),
            arguments);
      }
      case "chasqui-int8", "chasqui-float", "chasqui-jelmerk-int8" -> {
        arguments.add("graph=" + (peer.contains("jelmerk") ? "jelmerk-hnsw" : "seeded-hnsw"));
        arguments.add("elements=" + (peer.endsWith("int8") ? "INT8" : "FLOAT32"));
        return java(
            peer,
            PeerCommand.thisJava(),
            modules.classPath("graph"),
            ChasquiGraph.class.getName(),
            arguments);
      }
      default -> throw new IllegalArgumentException("no such peer: " + peer);
    }
  }

  private String hnswlibProgram() {
    return hnswlib
        .orElseThrow(() -> new IllegalArgumentException("--hnswlib PROGRAM is missing"))
        .toAbsolutePath()
        .toString();
  }

  private static PeerCommand java(
      String name, Path java, String classPath, String main, List<String> arguments) {
    List<String> options =
        List.of("-Xmx4g", "-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector");
    return PeerCommand.java(name, java, options, classPath, main, arguments);
  }
}
