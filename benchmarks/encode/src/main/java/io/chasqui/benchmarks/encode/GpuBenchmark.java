package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.checkpoint.DType;
import io.chasqui.onnx.OnnxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures one shape of model on one device beside PyTorch; prints one Markdown table. */
@Command(
    name = "benchmarks/run gpu",
    description =
        "Makes a random checkpoint of a published model's shape, then measures Chasqui and PyTorch"
            + " on it: throughput of passages, queries and pairs, latencies of concurrent callers,"
            + " load time, memory, and the device's own peak.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class GpuBenchmark implements Callable<Integer> {
  private static final List<Integer> CALLERS = List.of(1, 8, 64);

  private static final int FRAME = 2; // BOS and EOS

  @Option(
      names = "--model",
      paramLabel = "NAME",
      required = true,
      description = "One of ${COMPLETION-CANDIDATES}")
  private GpuModel model = GpuModel.rehearsal;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Of the checkpoint: F32, F16, BF16. Default: ${DEFAULT-VALUE}")
  private DType dtype = DType.BF16;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "cuda:N, or cpu:THREADS for a rehearsal. Default: ${DEFAULT-VALUE}")
  private String device = "cuda:0";

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description =
          "Interpreter with torch and transformers, for the device too. Default: PyTorch takes no"
              + " part, and the device's peak is not measured")
  private Optional<Path> python = Optional.empty();

  @Option(
      names = "--passages",
      paramLabel = "N",
      description = "Of 200 tokens each. Default: ${DEFAULT-VALUE}")
  private int passages = 100;

  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      description = "Length of each. Default: ${DEFAULT-VALUE}")
  private int passageTokens = 200;

  @Option(
      names = "--queries",
      paramLabel = "N",
      description = "Of 16 tokens each. Default: ${DEFAULT-VALUE}")
  private int queries = 256;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Texts of one call of PyTorch. Default: ${DEFAULT-VALUE}")
  private int batch = 64;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = "--batching",
      paramLabel = "NAME",
      description =
          "Chasqui's: ${COMPLETION-CANDIDATES} (DEVICE: dynamic on CUDA). Default: ${DEFAULT-VALUE}")
  private OnnxOptions.Batching batching = OnnxOptions.Batching.DEVICE;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "In which Chasqui computes: ${COMPLETION-CANDIDATES} (DEVICE: on CUDA that of the"
              + " checkpoint, else 32 bit). Default: ${DEFAULT-VALUE}")
  private OnnxOptions.Precision precision = OnnxOptions.Precision.DEVICE;

  @Option(
      names = "--no-adapters",
      description =
          "Leaves out the columns with adapters: each is a process with the model once more")
  private boolean noAdapters;

  @Option(
      names = "--onnxruntime",
      paramLabel = "JAR",
      description =
          "onnxruntime_gpu-….jar, for CUDA, in place of the runtime for CPU that was built with")
  private Optional<Path> runtime = Optional.empty();

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description = "Of Chasqui's JVMs, such as -Donnxruntime.native.path=…; repeatable")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Where model and texts are written. Default: below target/")
  private Optional<Path> directory = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The table is appended to it, too.")
  private Optional<Path> output = Optional.empty();

  public static void main(String[] args) {
    System.exit(new CommandLine(new GpuBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("chasqui.benchmarks", "benchmarks")).toAbsolutePath();
    Path target = root.resolve("encode").resolve("target");
    Path below =
        directory.orElse(target.resolve("workspace-" + model + "-" + dtype)).toAbsolutePath();
    Workspace workspace = new Workspace(below.normalize());
    WorkspaceWriter writer = new WorkspaceWriter(workspace);
    tell("writing " + workspace.directory());
    writer.model(WorkspaceWriter.shape(model, dtype), false);
    writer.texts(TextLengths.even(passages, passageTokens - FRAME, queries, 16 - FRAME));

    Modules modules = Modules.below(root);
    GpuPeers peers =
        new GpuPeers(modules, workspace, device, batching, precision, runtime, jvmOptions);
    List<Contestant> contestants = new ArrayList<>();
    for (String workload : List.of("passages", "batch", "rerank")) {
      contestants.add(new Contestant(GpuTable.CHASQUI, peers.chasqui("base"), workload));
      python.ifPresent(
          interpreter ->
              contestants.add(
                  new Contestant(
                      GpuTable.PYTORCH, peers.pyTorch(dtype, interpreter, batch), workload)));
      if (!noAdapters) {
        contestants.add(new Contestant(GpuTable.TWO_ADAPTERS, peers.chasqui("adapters"), workload));
      }
    }
    if (!noAdapters) {
      contestants.add(new Contestant(GpuTable.ONE_ADAPTER, peers.chasqui("adapter"), "passages"));
    }
    List<String> whats = new ArrayList<>(List.of("peak"));
    CALLERS.forEach(callers -> whats.add(Latency.PREFIX + callers));
    Contest.Result result =
        new Contest(contestants, 1, rounds, target.resolve("scratch"), GpuBenchmark::tell)
            .run(whats);
    GpuTable table =
        new GpuTable(
            model,
            String.join(
                    ", ",
                    model.name(),
                    dtype.name(),
                    device,
                    "batching " + batching,
                    "precision " + precision)
                + "; "
                + Machine.describe(),
            Map.of(
                "passages", (long) passages * passageTokens,
                "batch", 16L * queries,
                "rerank", (long) passages),
            CALLERS,
            result);
    print(table.toMarkdown());
    return 0;
  }

  private void print(String text) throws IOException {
    System.out.println(text);
    if (output.isPresent()) {
      Files.writeString(
          output.get(), text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static void tell(String line) {
    System.err.println(line);
  }
}
