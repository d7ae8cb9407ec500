package io.chasqui.benchmarks.springai;

import ai.onnxruntime.OrtEnvironment;
import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.ai.transformers.TransformersEmbeddingModel;
import org.springframework.core.io.FileSystemResource;

/**
 * Spring AI's {@code TransformersEmbeddingModel}, which pools the mean. Arguments: {@code
 * workspace}; {@code batch}, how many texts are given to one call of {@code embed}. Must run in the
 * model's folder: the model is loaded from bytes.
 */
public final class SpringAiPeer implements Peer {
  private final TransformersEmbeddingModel model;
  private final int batch;
  private final List<String> passages;
  private final List<String> queries;

  private SpringAiPeer(
      TransformersEmbeddingModel model, int batch, List<String> passages, List<String> queries) {
    this.model = model;
    this.batch = batch;
    this.passages = passages;
    this.queries = queries;
  }

  public static void main(String[] words) throws IOException {
    PeerServer.serve(() -> open(PeerArguments.of(words)));
  }

  private static SpringAiPeer open(PeerArguments arguments) throws Exception {
    Path workspace = arguments.path("workspace");
    TransformersEmbeddingModel model = new TransformersEmbeddingModel();
    model.setDisableCaching(true);
    model.setModelResource(new FileSystemResource(workspace.resolve("model/standard.onnx")));
    model.setTokenizerResource(new FileSystemResource(workspace.resolve("model/tokenizer.json")));
    model.setTokenizerOptions(Map.of("padding", "true"));
    model.afterPropertiesSet();
    return new SpringAiPeer(
        model,
        arguments.number("batch"),
        Files.readAllLines(workspace.resolve("texts/passages.txt")),
        Files.readAllLines(workspace.resolve("texts/queries.txt")));
  }

  @Override
  public String describe() {
    return "Spring AI "
        + TransformersEmbeddingModel.class.getPackage().getImplementationVersion()
        + " on ONNX Runtime "
        + OrtEnvironment.getEnvironment().getVersion();
  }

  @Override
  public void run(String workload) {
    embed(workload);
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    Vectors.write(file, embed(workload));
  }

  private List<float[]> embed(String workload) {
    return switch (workload) {
      case "passages" -> {
        List<float[]> vectors = new ArrayList<>();
        for (int from = 0; from < passages.size(); from += batch) {
          int to = Math.min(passages.size(), from + batch);
          vectors.addAll(model.embed(passages.subList(from, to)));
        }
        yield vectors;
      }
      case "queries" -> queries.stream().map(model::embed).toList();
      default -> throw new IllegalArgumentException("no workload " + workload);
    };
  }

  @Override
  public void close() {}
}
