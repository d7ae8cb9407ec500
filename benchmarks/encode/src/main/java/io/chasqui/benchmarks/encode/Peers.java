package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who takes part in which table.
 *
 * @param modules where class paths are
 * @param workspace made before
 * @param python an interpreter with torch and transformers
 * @param threads of Chasqui, of raw ONNX Runtime and of PyTorch; others take the machine's
 * @param pairLimit the reranker's limit for a passage in tokens
 */
record Peers(
    Modules modules, Workspace workspace, Optional<Path> python, int threads, int pairLimit) {
  private static final int BATCH = 8;
  private static final int ALL = Integer.MAX_VALUE;

  /** Contestants that encode with mean pooling, which all of them can. */
  List<Contestant> encoders(String workload) throws IOException {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(new Contestant("**Chasqui**", chasqui("mean", "auto"), workload));
    contestants.add(new Contestant("Chasqui, weights mapped", chasqui("mean", "mapped"), workload));
    contestants.add(
        new Contestant("Chasqui, standard graph", chasqui("standard", "auto"), workload));
    for (int count : threadCounts()) {
      contestants.add(raw("mean", "ours", count, 1, workload));
      contestants.add(raw("mean", "standard", count, 1, workload));
    }
    boolean many = workload.equals("passages");
    if (many) {
      contestants.add(raw("mean", "standard", threads, BATCH, workload));
    }
    contestants.add(new Contestant("LangChain4j OnnxEmbeddingModel", langChain4j(), workload));
    if (many) {
      contestants.add(
          new Contestant(
              "Spring AI TransformersEmbeddingModel, one list", springAi(ALL), workload));
    }
    contestants.add(
        new Contestant(
            "Spring AI TransformersEmbeddingModel, text by text", springAi(1), workload));
    if (python.isPresent()) {
      for (int count : threadCounts()) {
        contestants.add(pyTorch(python.get(), count, 1, workload));
      }
      if (many) {
        contestants.add(pyTorch(python.get(), threads, BATCH, workload));
      }
    }
    return contestants;
  }

  /** Contestants that score pairs. */
  List<Contestant> scorers() throws IOException {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(new Contestant("**Chasqui**", chasqui("base", "auto"), "rerank"));
    contestants.add(new Contestant("Chasqui, weights mapped", chasqui("base", "mapped"), "rerank"));
    for (int count : threadCounts()) {
      contestants.add(raw("base", "standard", count, BATCH, "rerank"));
    }
    contestants.add(raw("base", "standard", threads, 1, "rerank"));
    contestants.add(raw("base", "ours", threads, BATCH, "rerank"));
    return contestants;
  }

  /** Chasqui with both adapters beside the base, and the same graph run plainly. */
  List<Contestant> adapted(String workload) throws IOException {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(new Contestant("**Chasqui**", chasqui("adapters", "auto"), workload));
    for (int count : threadCounts()) {
      contestants.add(raw("adapters", "ours", count, 1, workload));
      contestants.add(raw("adapters", "ours", count, BATCH, workload));
    }
    return contestants;
  }

  private List<Integer> threadCounts() {
    return threads == 1 ? List.of(1) : List.of(threads, 1);
  }

  private PeerCommand chasqui(String model, String weights) throws IOException {
    return java(
        "encode",
        "chasqui " + model + " " + weights,
        ChasquiPeer.class.getName(),
        "model=" + model,
        "device=cpu:" + threads,
        "weights=" + weights,
        "batching=DEVICE",
        "precision=DEVICE",
        "nativeCache=" + modules.file("encode", "target/native"),
        "pairLimit=" + pairLimit);
  }

  private Contestant raw(String model, String graph, int count, int batch, String workload)
      throws IOException {
    String label =
        String.format(
            "raw ONNX Runtime, %s graph, %s, %s",
            graph.equals("ours") ? "our" : graph, batches(batch), threads(count));
    PeerCommand command =
        java(
            "encode",
            label + " " + model,
            RawPeer.class.getName(),
            "model=" + model,
            "graph=" + graph,
            "threads=" + count,
            "prepacking=true",
            "batch=" + batch,
            "pairLimit=" + pairLimit);
    return new Contestant(label, command, workload);
  }

  private PeerCommand langChain4j() throws IOException {
    return java(
        "peer-langchain4j", "LangChain4j", "io.chasqui.benchmarks.langchain4j.LangChain4jPeer");
  }

  private PeerCommand springAi(int batch) throws IOException {
    return java(
        "peer-spring-ai",
        "Spring AI " + batch,
        "io.chasqui.benchmarks.springai.SpringAiPeer",
        "batch=" + batch);
  }

  private Contestant pyTorch(Path interpreter, int count, int batch, String workload) {
    String label = String.format("PyTorch LlamaModel, %s, %s", batches(batch), threads(count));
    Path script = modules.file("encode", "src/main/python/torch_model.py");
    List<String> arguments =
        List.of(
            "workspace=" + workspace.directory(),
            "device=cpu:" + count,
            "dtype=float32",
            "pooling=mean",
            "batch=" + batch);
    return new Contestant(
        label, PeerCommand.script(label, interpreter, script, arguments), workload);
  }

  private PeerCommand java(String module, String name, String mainClass, String... arguments)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("workspace=" + workspace.directory()));
    words.addAll(List.of(arguments));
    return PeerCommand.java(
            name,
            PeerCommand.thisJava(),
            List.of("-Xmx2g", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"),
            modules.classPath(module),
            mainClass,
            words)
        .withDirectory(workspace.model()); // where a graph loaded from bytes finds its weights
  }

  private static String batches(int batch) {
    return batch == 1 ? "one by one" : "padded " + batch + "s";
  }

  private static String threads(int count) {
    return count + (count == 1 ? " thread" : " threads");
  }
}
