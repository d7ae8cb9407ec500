package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.distance;
import static io.chasqui.onnx.Fixtures.doubles;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.ids;
import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static io.chasqui.onnx.Fixtures.row;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.ModelFormatException;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Graphs that torch.onnx of Python's PyTorch 2.13 exported: of a golden Llama (hidden states), of a
 * random BERT as embedder and as cross-encoder. What the latter two give was computed by
 * sentence-transformers 6.0.1 ({@code expected.json}).
 */
class OnnxExportsIT {
  private static final double EMBEDDING = 3e-6;
  private static final double SCORE = 1e-5;
  private static final Path EXPORTS = Fixtures.resource("/onnx-exports");

  @TempDir Path directory;

  private ModelBundle llama() throws IOException {
    Fixtures.copyTree(EXPORTS.resolve("llama-mha"), directory);
    TinyTokenizers.write(directory, 300);
    return ModelBundle.read(directory);
  }

  @ParameterizedTest
  @EnumSource(Role.PadSide.class)
  void exportOfAGoldenCheckpointGivesItsGoldenValues(Role.PadSide side) throws IOException {
    JsonNode golden = json(golden("arch/llama-mha/golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    List<int[]> longRow = List.of(row(golden.get("long").get("ids")));
    Role mean = encoder(side).withName("mean").withPooling(Role.Pooling.MEAN);
    ModelBundle bundle = llama().withRole(encoder(side)).withRole(mean);
    try (GraphModelRunner runner = GraphModelRunner.load(bundle, RunnerOptions.defaults())) {
      assertNear(EMBEDDING, golden.get("embedding"), run(runner, ENCODER, rows));
      assertNear(EMBEDDING, golden.get("long").get("embedding"), run(runner, ENCODER, longRow));
      assertEquals(
          0,
          distance(
              doubles(
                  SafetensorsFile.read(golden("arch/llama-mha/golden.safetensors")),
                  "mean_pooled_embedding"),
              run(runner, "mean", rows)),
          EMBEDDING);
    }
  }

  @Test
  void exportGivesThroughTheSessionWhatTheCheckpointGives(@TempDir Path other) throws IOException {
    Fixtures.copyTree(golden("arch/llama-mha"), other);
    TinyTokenizers.write(other, 300);
    Role role = Presets.named("repllama-v1").withTruncation(new Role.Truncation(40, 120));
    List<Passage> passages =
        List.of(
            Passage.of("a", "Sea", "Tides rise twice a day because the moon pulls the near side."),
            Passage.of("b", "x"),
            Passage.of("c", "", "a long one. ".repeat(20)));
    try (ModelSession exported = OnnxBackend.load(llama().withRole(role), Device.cpu());
        ModelSession ours =
            OnnxBackend.load(ModelBundle.read(other).withRole(role), Device.cpu())) {
      Embeddings found = exported.encoder("repllama").encodePassages(passages);
      Embeddings expected = ours.encoder("repllama").encodePassages(passages);
      for (int i = 0; i < passages.size(); i++) {
        assertArrayEquals(expected.row(i), found.row(i), (float) EMBEDDING);
        assertEquals(i == 2, found.isTruncated(i));
      }
    }
  }

  @Test
  void embedderGivesWhatPythonGives() throws IOException {
    Fixtures.copyTree(EXPORTS.resolve("embedder"), directory);
    JsonNode expected = json(EXPORTS.resolve("expected.json"));
    List<String> texts = new ArrayList<>();
    expected.get("texts").forEach(text -> texts.add(text.textValue()));
    ModelBundle bundle = ModelBundle.read(directory);
    assertTrue(bundle.graph().isPresent());
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Embeddings found = session.encoder("sentence-transformers").encodeQueries(texts);
      for (int i = 0; i < 3; i++) {
        assertNear(EMBEDDING, expected.get("embeddings").get(i), found.row(i));
      }
    }
    try (JsonTokenizer tokenizer = bundle.openTokenizer()) {
      for (int i = 0; i < 3; i++) {
        int[] ids = row(expected.get("ids").get(i));
        assertArrayEquals(
            Arrays.copyOfRange(ids, 1, ids.length - 1), tokenizer.tokenize(texts.get(i)).ids());
      }
      // Python reads the separator in a user's text as the separator; here it is a text.
      assertTrue(texts.get(3).contains("[SEP]"));
      assertTrue(
          Arrays.stream(tokenizer.tokenize(texts.get(3)).ids())
              .noneMatch(id -> id == 2 || id == 3));
    }
  }

  @Test
  void crossEncoderGivesWhatPythonGives() throws IOException {
    Fixtures.copyTree(EXPORTS.resolve("cross-encoder"), directory);
    JsonNode expected = json(EXPORTS.resolve("expected.json"));
    List<Passage> passages = new ArrayList<>();
    expected.get("passages").forEach(text -> passages.add(Passage.of("p", text.textValue())));
    String query = expected.get("query").textValue();
    ModelBundle bundle = ModelBundle.read(directory);
    try (JsonTokenizer tokenizer = bundle.openTokenizer()) {
      for (int i = 0; i < passages.size(); i++) {
        int[] ids = bundle.prompts(tokenizer, "cross-encoder").pair(query, passages.get(i)).ids();
        assertArrayEquals(row(expected.get("pair_ids").get(i)), ids);
        var types = new PaddedBatch(List.of(ids), bundle.role("cross-encoder")).segments(2);
        JsonNode expectedTypes = expected.get("pair_types").get(i);
        for (int j = 0; j < ids.length; j++) {
          assertEquals(expectedTypes.get(j).longValue(), types.get(j));
        }
      }
    }
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Scores scores = session.scorer("cross-encoder").score(query, passages);
      for (int i = 0; i < passages.size(); i++) {
        assertEquals(expected.get("scores").get(i).doubleValue(), scores.score(i), SCORE);
        assertEquals(
            scores.score(i),
            session.scorer("cross-encoder").score(query, passages.subList(i, i + 1)).score(0),
            SCORE);
      }
    }
    Role sigmoid =
        bundle
            .role("cross-encoder")
            .withHead(new ScoreHead.GraphOutput("logits", ScoreHead.Activation.SIGMOID));
    RetrievalCard.of(sigmoid)
        .withOnnx("onnx/model.onnx")
        .write(directory.resolve(RetrievalCard.FILE));
    ModelBundle carded = ModelBundle.read(directory);
    assertEquals(sigmoid, carded.role("cross-encoder"));
    try (ModelSession session = OnnxBackend.load(carded, Device.cpu())) {
      Scores scores = session.scorer("cross-encoder").score(query, passages);
      assertEquals(
          1 / (1 + Math.exp(-expected.get("scores").get(0).doubleValue())), scores.score(0), SCORE);
    }
  }

  @Test
  void graphsServeWhatTheyGiveAndNothingElse() throws IOException {
    ModelBundle bundle = llama();
    assertTrue(bundle.roles().isEmpty()); // which hidden state stands for a text is not to be seen
    assertThrows(IllegalStateException.class, bundle::weights);
    assertThrows(
        IllegalArgumentException.class, () -> bundle.withRole(Presets.named("rankllama-v1")));
    Role role = encoder(Role.PadSide.RIGHT);
    assertThrows(IllegalArgumentException.class, () -> bundle.withRole(role, directory));
    assertThrows(IllegalArgumentException.class, () -> bundle.withRole(role.withDimensions(65)));
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () ->
                bundle.withRole(
                    Presets.named("rankllama-v1")
                        .withHead(new ScoreHead.GraphOutput("last_hidden_state"))));
    assertEquals("last_hidden_state", e.field().orElseThrow());
    try (ModelSession session =
        OnnxBackend.load(bundle.withRole(role.withDimensions(16)), Device.cpu())) {
      assertEquals(16, session.encoder(ENCODER).encodeQueries(List.of("x")).dimension());
      String space = session.encoder(ENCODER).space().fingerprint();
      byte[] bytes = Files.readAllBytes(directory.resolve("model.onnx"));
      bytes[bytes.length / 2] ^= 1;
      Files.write(directory.resolve("model.onnx"), bytes);
      assertTrue(
          !space.equals(
              ModelBundle.read(directory)
                  .withRole(role.withDimensions(16))
                  .space(ENCODER)
                  .fingerprint()));
    }
  }

  @Test
  void inputsThatWeCannotGiveAreNamed() throws IOException {
    refusedInput("cache", "past_key_values.0.key", OnnxType.FLOAT, "batch", 4, "past", 16);
    refusedInput("float", "input_ids", OnnxType.FLOAT, "batch", "sequence");
    refusedInput("dynamic axes", "input_ids", OnnxType.INT64, 1, 128);
    refusedInput("attention_mask", "attention_mask", OnnxType.INT64);
  }

  /** The scan stands before everything else: no bundle, so no session. */
  @Test
  void aGraphThatIsRefusedMakesNoBundle() throws IOException {
    OnnxGraph graph = new OnnxGraph();
    graph.input("input_ids", OnnxType.INT64, "batch", "sequence");
    graph.external("w", OnnxType.FLOAT, List.of(8L), "../secret", 0, 32);
    Files.write(directory.resolve("secret"), new byte[32]); // there, so that only the rule refuses
    Path model = Files.createDirectory(directory.resolve("model"));
    Files.write(model.resolve("model.onnx"), graph.toModel("test"));
    TinyTokenizers.write(model, 300);
    for (Executable reading :
        List.<Executable>of(
            () -> ModelBundle.read(model), () -> ModelBundle.readOnnx(model, "model.onnx"))) {
      ModelFormatException e = assertThrows(ModelFormatException.class, reading);
      assertEquals("w", e.field().orElseThrow());
    }
  }

  @Test
  void anOutputThatIsNotFiniteFailsItsTextOnly() throws IOException {
    TinyTokenizers.write(directory, 300);
    int z;
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      int[] ids = tokenizer.tokenize("z").ids();
      z = ids[ids.length - 1];
    }
    OnnxGraph graph = new OnnxGraph();
    graph.input("attention_mask", OnnxType.INT64, "batch", "sequence");
    String ids = graph.input("input_ids", OnnxType.INT64, "batch", "sequence");
    String zeroAtZ =
        graph.node("Sub", List.of(graph.cast(ids, OnnxType.FLOAT), graph.scalar("z", z)));
    String infiniteAtZ = graph.node("Div", List.of(graph.scalar("one", 1), zeroAtZ));
    String hidden =
        graph.node("Unsqueeze", List.of(infiniteAtZ, graph.constant("last", new long[] {-1})));
    graph.output(graph.named("token_embeddings", hidden), OnnxType.FLOAT, "batch", "sequence", 1);
    Files.write(directory.resolve("model.onnx"), graph.toModel("test"));
    Role role =
        encoder(
            ENCODER,
            Role.Attention.CAUSAL,
            Role.Pooling.MEAN,
            new Role.Output(false, Optional.empty()));
    ModelBundle bundle = ModelBundle.read(directory).withRole(role);
    try (GraphModelRunner runner = GraphModelRunner.load(bundle, RunnerOptions.defaults())) {
      int[] shorter = {1, 5, 2};
      float[] padded = run(runner, ENCODER, List.of(shorter, new int[] {1, 5, 6, 7, 2}));
      assertEquals(run(runner, ENCODER, List.of(shorter))[0], padded[0], 1e-7f); // a mean of 3
    }
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Embeddings rows =
          session
              .encoder(ENCODER)
              .encodePassages(
                  List.of(
                      Passage.of("one", "a tide"),
                      Passage.of("bad", "a zone"),
                      Passage.of("two", "some foam")));
      assertTrue(rows.failure(1).orElseThrow().contains("passage bad"));
      for (int good : new int[] {0, 2}) {
        assertEquals(Optional.empty(), rows.failure(good));
        assertTrue(rows.row(good)[0] != 0);
      }
    }
  }

  private void refusedInput(String words, String input, OnnxType type, Object... dimensions)
      throws IOException {
    OnnxGraph graph = new OnnxGraph();
    boolean leftOut = dimensions.length == 0;
    for (String each : List.of("input_ids", "attention_mask")) {
      if (!each.equals(input)) {
        graph.input(each, OnnxType.INT64, "batch", "sequence");
      }
    }
    if (!leftOut) {
      graph.input(input, type, dimensions);
    }
    String ids = input.equals("input_ids") ? "attention_mask" : "input_ids";
    graph.output(
        graph.named("sentence_embedding", graph.cast(ids, OnnxType.FLOAT)),
        OnnxType.FLOAT,
        "batch",
        8);
    Files.write(directory.resolve("model.onnx"), graph.toModel("test"));
    TinyTokenizers.write(directory, 300);
    ModelBundle bundle = ModelBundle.read(directory);
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class, () -> OnnxBackend.load(bundle, Device.cpu()).close());
    assertEquals(input, e.field().orElseThrow());
    assertTrue(e.getMessage().contains(leftOut ? "padding" : words) || words.equals("float"));
  }

  private static float[] run(GraphModelRunner runner, String role, List<int[]> rows) {
    return runner.run(batch(role, rows), Deadline.none());
  }

  private static void assertNear(double tolerance, JsonNode expected, float[] found) {
    assertEquals(0, distance(numbers(expected), found), tolerance);
  }
}
