package io.chasqui.examples.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;

/**
 * States inside a model, read as vectors of a model that ends there: fewer layers, other weights,
 * another norm at the end.
 *
 * @param base whose configuration and tokenizer they have
 * @param role a retriever's, whose prompts they are read under
 * @param threads of the processor
 * @param work existing folder for the models that end early; they stay there
 */
record InnerStates(ModelBundle base, Role role, int threads, Path work) {
  /** Tokens of a whole prompt at most. */
  private static final int PROMPT = 256;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A model to read states of. */
  interface Reader extends AutoCloseable {
    /** [texts, hidden size]: at the last token of each prompt. */
    DMatrixRMaj queries(List<String> texts);

    /** [texts, hidden size]: at the last token of each prompt. */
    DMatrixRMaj passages(List<Passage> passages);

    @Override
    void close();
  }

  /**
   * Writes a model of the base's first layers.
   *
   * @param name of its folder
   * @param weights all tensors of these layers, the embeddings and the norm at the end, by name
   *     without "model."
   */
  Path write(String name, int layers, Map<String, float[]> weights) throws IOException {
    Path directory = Files.createDirectories(work.resolve(name));
    try (Stream<Path> files = Files.list(base.directory())) {
      for (Path file : files.filter(InnerStates::isTokenizer).toList()) {
        Files.write(directory.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    ObjectNode config =
        (ObjectNode) JSON.readTree(base.directory().resolve("config.json").toFile());
    config.put("num_hidden_layers", layers).put("torch_dtype", "float32");
    Files.writeString(directory.resolve("config.json"), config.toPrettyString());
    List<TensorData> tensors = new ArrayList<>();
    ModelConfig.read(directory)
        .tensorShapes()
        .forEach(
            (tensor, shape) ->
                tensors.add(
                    TensorData.of(
                        "model." + tensor,
                        DType.F32,
                        shape,
                        Objects.requireNonNull(weights.get(tensor), tensor))));
    SafetensorsWriter.writeCheckpoint(directory, tensors, Long.MAX_VALUE);
    return directory;
  }

  private static boolean isTokenizer(Path file) {
    String name = file.getFileName().toString();
    return name.contains("token");
  }

  /** Vectors as the role has them. */
  Reader vectors(Path model) throws IOException {
    return open(model, role.withoutAdapter());
  }

  /** States after the norm at the end, as long as they are. */
  Reader states(Path model) throws IOException {
    return open(model, raw());
  }

  /** As {@link #states}, of texts cut after so many tokens, without an EOS. */
  Reader insideTexts(Path model, int tokens) throws IOException {
    Role.Tokens around = role.tokens();
    return open(
        model,
        raw()
            .withTokens(new Role.Tokens(around.bos(), List.of(), around.pad(), around.padSide()))
            .withTruncation(new Role.Truncation(tokens, tokens)));
  }

  /**
   * As {@link #states}, of whole prompts: {@link Reader#queries} reads texts as they are.
   *
   * @param append special tokens that come behind them; states are read at the last
   */
  Reader prompts(Path model, List<Integer> append) throws IOException {
    Role.Tokens around = role.tokens();
    RoleTemplate.Single prompts = (RoleTemplate.Single) role.template();
    return open(
        model,
        raw()
            .withTokens(new Role.Tokens(around.bos(), append, around.pad(), around.padSide()))
            .withTemplate(
                new RoleTemplate.Single(
                    "{query}", prompts.passage(), prompts.passageWithoutTitle()))
            .withTruncation(new Role.Truncation(PROMPT, PROMPT)));
  }

  private Role raw() {
    return role.withoutAdapter().withOutput(new Role.Output(false, Optional.empty()));
  }

  private Reader open(Path model, Role reading) throws IOException {
    ModelSession session =
        OnnxBackend.load(ModelBundle.read(model).withRole(reading), Device.cpu(threads));
    Encoder encoder = session.encoder(reading.name());
    return new Reader() {
      @Override
      public DMatrixRMaj queries(List<String> texts) {
        return rows(encoder.encodeQueries(texts));
      }

      @Override
      public DMatrixRMaj passages(List<Passage> passages) {
        return rows(encoder.encodePassages(passages));
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  private static DMatrixRMaj rows(Embeddings vectors) {
    DMatrixRMaj rows = new DMatrixRMaj(vectors.size(), vectors.dimension());
    for (int i = 0; i < vectors.size(); i++) {
      float[] row = vectors.row(i);
      for (int j = 0; j < row.length; j++) {
        rows.set(i, j, row[j]);
      }
    }
    return rows;
  }
}
