package io.chasqui.benchmarks.graph;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.benchmarks.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
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
            + " 200). Each peer's efSearch is raised until its recall@10 is reached; then peers"
            + " take turns, one query at a time on one thread. Graphs are built once, by processes"
            + " of their own, and kept; the rate of the build is in the last lines, and memory"
            + " too.")
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
              + " lucene-7bit, jvector, jvector-file. The first is the reference. Default:"
              + " ${DEFAULT-VALUE}")
  private List<String> peers =
      List.of(
          "chasqui-int8",
          "chasqui-float",
          "hnswlib",
          "lucene",
          "lucene-7bit",
          "jvector",
          "jelmerk");

  @Option(
      names = "--hnswlib",
      paramLabel = "PROGRAM",
      description = "The C++ peer; benchmarks/README.md says how it is compiled.")
  private Optional<Path> hnswlib = Optional.empty();

  @Option(
      names = "--java21",
      paramLabel = "JAVA",
      description = "For Lucene 10 and JVector: JDK 21 or later. Default: the one that runs this")
  private Path java21 = PeerCommand.thisJava();

  @Option(
      names = "--java",
      paramLabel = "JAVA",
      description = "For Chasqui and jelmerk. Default: the one that runs this")
  private Path java = PeerCommand.thisJava();

  @Option(names = "--build-only", description = "Builds what is missing and measures nothing.")
  private boolean buildOnly;

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
        build(peer, made, modules);
        PeerCommand command = command(peer, made.folder(), modules, false);
        contestants.add(new Contestant(peer, command, "search"));
      }
      if (buildOnly) {
        continue;
      }
      Path scratch = root.resolve("graph").resolve("target").resolve("scratch");
      Contest contest = new Contest(contestants, 3, rounds, scratch, System.err::println);
      String title =
          String.format(Locale.ROOT, "HNSW, 10 of %s vectors, recall ≥ %.3f", size, recall);
      System.out.println(new ResultTable(title, "queries", queries, contest.run()).toMarkdown());
    }
    return 0;
  }

  private void build(String peer, GraphData made, Modules modules) throws IOException {
    if (Files.exists(GraphPeer.rate(made, kept(peer)))) {
      return;
    }
    System.err.println("building " + peer);
    PeerCommand command = command(peer, made.folder(), modules, true);
    ProcessBuilder builder = new ProcessBuilder(command.command()).inheritIO();
    builder.environment().putAll(command.environment());
    try {
      int code = builder.start().waitFor();
      if (code != 0) {
        throw new IOException(peer + " was not built: exit code " + code);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while building " + peer, e);
    }
  }

  /** The name of what a peer keeps. */
  private static String kept(String peer) {
    return peer.equals("jvector-file") ? "jvector" : peer;
  }

  private PeerCommand command(String peer, Path folder, Modules modules, boolean build)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("data=" + folder, "name=" + kept(peer), "recall=" + recall, "build=" + build));
    switch (peer) {
      case "hnswlib" -> {
        arguments.add(0, hnswlibProgram());
        arguments.addAll(List.of("m=16", "efConstruction=200"));
        return new PeerCommand(peer, arguments, Path.of(""), Map.of());
      }
      case "lucene", "lucene-7bit" -> {
        arguments.add("quantised=" + peer.equals("lucene-7bit"));
        String main = "io.chasqui.benchmarks.lucene.LuceneGraph";
        return java(peer, java21, heap(build), modules.classPath("graph-lucene"), main, arguments);
      }
      case "jvector", "jvector-file" -> {
        boolean inHeap = peer.equals("jvector");
        arguments.add("heap=" + inHeap);
        String main = "io.chasqui.benchmarks.jvector.JVectorGraph";
        String classPath = modules.classPath("graph-jvector");
        return java(peer, java21, heap(build || inHeap), classPath, main, arguments);
      }
      case "jelmerk" -> {
        String main = JelmerkGraph.class.getName();
        return java(peer, java, heap(true), modules.classPath("graph"), main, arguments);
      }
      case "chasqui-int8", "chasqui-float", "chasqui-jelmerk-int8" -> {
        arguments.add("graph=" + (peer.contains("jelmerk") ? "jelmerk-hnsw" : "seeded-hnsw"));
        arguments.add("elements=" + (peer.endsWith("int8") ? "INT8" : "FLOAT32"));
        String main = ChasquiGraph.class.getName();
        return java(peer, java, heap(build), modules.classPath("graph"), main, arguments);
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

  /** Garbage that is not collected would count as resident: as small as will do. */
  private static List<String> heap(boolean holdsVectors) {
    return holdsVectors ? List.of("-Xmx4g") : List.of("-Xmx64m");
  }

  private static PeerCommand java(
      String name,
      Path java,
      List<String> heap,
      String classPath,
      String main,
      List<String> arguments) {
    List<String> options = new ArrayList<>(heap);
    options.addAll(List.of("-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector"));
    return PeerCommand.java(name, java, options, classPath, main, arguments);
  }
}
