package io.chasqui.benchmarks.langchain4j;

import ai.onnxruntime.OrtEnvironment;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.OnnxEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * LangChain4j's {@code OnnxEmbeddingModel}, mean pooling, as its documentation uses it: {@code
 * embedAll}, which embeds text by text on a thread for each processor. Argument: {@code workspace}.
 */
public final class LangChain4jPeer implements Peer {
  private final OnnxEmbeddingModel model;
  private final List<TextSegment> passages;
  private final List<String> queries;

  private LangChain4jPeer(OnnxEmbeddingModel model, List<String> passages, List<String> queries) {
    this.model = model;
    this.passages = passages.stream().map(TextSegment::from).toList();
    this.queries = queries;
  }

  public static void main(String[] words) throws IOException {
    PeerServer.serve(() -> open(PeerArguments.of(words)));
  }

  private static LangChain4jPeer open(PeerArguments arguments) throws IOException {
    Path workspace = arguments.path("workspace");
    return new LangChain4jPeer(
        new OnnxEmbeddingModel(
            workspace.resolve("model/standard.onnx"),
            workspace.resolve("model/tokenizer.json"),
            PoolingMode.MEAN),
        Files.readAllLines(workspace.resolve("texts/passages.txt")),
        Files.readAllLines(workspace.resolve("texts/queries.txt")));
  }

  @Override
  public String describe() {
    return "LangChain4j "
        + version()
        + " on ONNX Runtime "
        + OrtEnvironment.getEnvironment().getVersion();
  }

  /** Its manifest does not say. */
  private static String version() {
    Properties pom = new Properties();
    String name = "/META-INF/maven/dev.langchain4j/langchain4j-embeddings/pom.properties";
    try (InputStream in = OnnxEmbeddingModel.class.getResourceAsStream(name)) {
      if (in != null) {
        pom.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pom.getProperty("version", "?");
  }

  @Override
  public void run(String workload) {
    embed(workload);
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    Vectors.write(file, embed(workload).stream().map(Embedding::vector).toList());
  }

  private List<Embedding> embed(String workload) {
    return switch (workload) {
      case "passages" -> model.embedAll(passages).content();
      case "queries" -> {
        List<Embedding> embeddings = new ArrayList<>();
        for (String query : queries) {
          embeddings.add(model.embed(query).content());
        }
        yield embeddings;
      }
      default -> throw new IllegalArgumentException("no workload " + workload);
    };
  }

  @Override
  public void close() {}
}
