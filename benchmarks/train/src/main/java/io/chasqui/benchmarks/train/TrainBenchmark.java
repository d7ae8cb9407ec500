package io.chasqui.benchmarks.train;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.benchmarks.PeerFigures;
import io.chasqui.benchmarks.ResultTable;
import io.chasqui.djl.MemoryUse;
import io.chasqui.djl.UpdateWorkspace;
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

/** Measures updates of LoRA against Hugging Face with PEFT, and the memory they take. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Updates of a LoRA adapter (rank 16, 8 queries with 4 passages of 128 tokens) on a random"
            + " base of ten million parameters.")
public final class TrainBenchmark implements Callable<Integer> {
  private static final String MEMORY = "memory";
  private static final double MEGA = 1e6;

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description = "Interpreter with torch, transformers and peft; without, no peer.")
  private Optional<Path> python = Optional.empty();

  @Option(
      names = "--updates",
      paramLabel = "N",
      description = "Of a round. Default: ${DEFAULT-VALUE}")
  private int updates = 4;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Of each peer. Default: ${DEFAULT-VALUE}")
  private int threads = 1;

  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("chasqui.benchmarks", "benchmarks")).toAbsolutePath();
    Path target = root.resolve("train").resolve("target");
    Path workspace = Files.createDirectories(target.resolve("workspace"));
    new UpdateWorkspace(workspace).write();
    List<Contestant> contestants = contestants(root, workspace);
    Contest contest =
        new Contest(contestants, 1, rounds, target.resolve("scratch"), System.err::println);
    Contest.Result result = contest.run(List.of(MEMORY));
    String title =
        String.format(
            Locale.ROOT, "LoRA, 32 passages of 128 tokens an update, threads: %d", threads);
    System.out.println("_" + Machine.describe() + "_\n");
    System.out.println(
        new ResultTable(
                title, "tokens", (long) updates * UpdateWorkspace.tokens(), result.outcomes())
            .toMarkdown());
    printMemory(result.figures());
    return 0;
  }

  private List<Contestant> contestants(Path root, Path workspace) throws IOException {
    String work = Integer.toString(updates);
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(
        new Contestant("Chasqui, KEEP_ALL", ours(root, workspace, MemoryUse.KEEP_ALL, 4096), work));
    if (python.isPresent()) {
      PeerCommand peft =
          PeerCommand.script(
              "PEFT",
              python.get(),
              root.resolve("train/src/main/python/peft_updates.py"),
              List.of("workspace=" + workspace, "threads=" + threads));
      contestants.add(new Contestant("Hugging Face with PEFT on PyTorch", peft, work));
    }
    contestants.add(
        new Contestant(
            "Chasqui, GRAD_CACHE_AND_CHECKPOINT_LAYERS",
            ours(root, workspace, MemoryUse.GRAD_CACHE_AND_CHECKPOINT_LAYERS, 1024),
            work));
    return contestants;
  }

  private PeerCommand ours(Path root, Path workspace, MemoryUse memory, int block)
      throws IOException {
    return PeerCommand.java(
        memory.name(),
        PeerCommand.thisJava(),
        List.of("-Xmx256m"),
        Modules.below(root).classPath("train"),
        UpdatePeer.class.getName(),
        List.of(
            "workspace=" + workspace, "memory=" + memory, "block=" + block, "threads=" + threads));
  }

  private static void printMemory(Map<PeerCommand, PeerFigures> figures) {
    System.out.println(
        "| process | peak MB above the loaded model | estimate of it, MB |\n|---|---|---|");
    figures.forEach(
        (command, measured) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %s | %s |%n",
                command.name(),
                megabytes(measured.figure(MEMORY, "peak")),
                megabytes(measured.figure(MEMORY, "estimate"))));
  }

  private static String megabytes(Optional<Double> bytes) {
    return bytes.map(b -> String.format(Locale.ROOT, "%,.0f", b / MEGA)).orElse("");
  }
}
