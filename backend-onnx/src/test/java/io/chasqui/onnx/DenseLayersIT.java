package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelFormatException;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A directory of EmbeddingGemma's kind: a gemma3_text that sees both ways, the mean, two dense
 * layers, normalising. Its vectors were computed by sentence-transformers 6.0.1 ({@code make.py}
 * beside them).
 */
class DenseLayersIT {
  private static final float EMBEDDING = 1e-5f;
  private static final String ROLE = "sentence-transformers";
  private static final int WIDTH = 24;
  private static final Path FIXTURE = Fixtures.resource("/sentence-transformers/gemma-dense");

  @TempDir Path directory;
  private JsonNode expected;
  private final List<String> texts = new ArrayList<>();

  @BeforeEach
  void copy() throws IOException {
    Fixtures.copyTree(FIXTURE.resolve("model"), directory);
    Files.copy(
        Fixtures.resource("/sentence-transformers/model/tokenizer.json"),
        directory.resolve("tokenizer.json"));
    expected = json(FIXTURE.resolve("expected.json"));
    expected.get("texts").forEach(text -> texts.add(text.textValue()));
  }

  private void assertGivesWhatPythonGives(ModelBundle bundle) throws IOException {
    assertEquals(WIDTH, bundle.width(ROLE));
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Encoder encoder = session.encoder(ROLE);
      assertNear(expected.get("query"), encoder.encodeQueries(texts));
      assertNear(
          expected.get("passage"),
          encoder.encodePassages(texts.stream().map(text -> Passage.of("p", text)).toList()));
      assertNear(expected.get("query16"), encoder.withDimensions(16).encodeQueries(texts));
      assertEquals(WIDTH, encoder.space().dimension());
    }
  }

  private static void assertNear(JsonNode rows, Embeddings found) {
    assertEquals(rows.size(), found.size());
    for (int i = 0; i < rows.size(); i++) {
      double[] values = numbers(rows.get(i));
      float[] floats = new float[values.length];
      for (int j = 0; j < floats.length; j++) {
        floats[j] = (float) values[j];
      }
      assertArrayEquals(floats, found.row(i), EMBEDDING, "row " + i);
    }
  }

  @Test
  void vectorsAreThoseOfPython() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    assertEquals(List.of("2_Dense", "3_Dense"), bundle.role(ROLE).output().dense());
    assertEquals(96, bundle.role(ROLE).truncation().query());
    assertGivesWhatPythonGives(bundle);
  }

  @Test
  void promptsAreThoseOfPython() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    try (JsonTokenizer tokenizer = bundle.openTokenizer()) {
      for (int i = 0; i < texts.size(); i++) {
        int[] ids = bundle.prompts(tokenizer, ROLE).query(texts.get(i)).ids();
        assertArrayEquals(Fixtures.row(expected.get("ids").get(i)), ids);
      }
    }
  }

  /** The second oracle: plain loops over what the files hold. */
  @Test
  void vectorsAreThoseOfPlainLoops() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    PlainForward plain = new PlainForward(bundle.config(), bundle.weights(), "", Optional.empty());
    for (int i = 0; i < texts.size(); i++) {
      double[][] hidden = plain.hidden(Fixtures.row(expected.get("ids").get(i)), false);
      double[] mean = new double[bundle.config().hiddenSize()];
      for (double[] token : hidden) {
        for (int j = 0; j < mean.length; j++) {
          mean[j] += token[j] / hidden.length;
        }
      }
      double[] vector = PlainForward.dense(mean, bundle.dense(ROLE));
      double length = Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
      double[] unit = Arrays.stream(vector).map(value -> value / length).toArray();
      assertArrayEquals(numbers(expected.get("query").get(i)), unit, EMBEDDING);
    }
  }

  @Test
  void mergedAndCopiedAndMappedAreTheSame() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    for (OnnxOptions.Weights weights : OnnxOptions.Weights.values()) {
      for (OnnxOptions.Adapters adapters : OnnxOptions.Adapters.values()) {
        OnnxOptions options = OnnxOptions.defaults().withWeights(weights).withAdapters(adapters);
        try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(), options)) {
          assertNear(expected.get("query"), session.encoder(ROLE).encodeQueries(texts));
        }
      }
    }
  }

  @Test
  void theExportedBundleHasThemInItsGraph(@TempDir Path other) throws IOException {
    ModelBundle exported =
        OnnxExporter.export(ModelBundle.read(directory), ROLE, other.resolve("export"));
    assertTrue(exported.role(ROLE).output().dense().isEmpty());
    assertGivesWhatPythonGives(ModelBundle.read(other.resolve("export")));
  }

  @Test
  void aCardMaySayTheSame() throws IOException {
    Role role = ModelBundle.read(directory).role(ROLE);
    RetrievalCard.of(role).write(directory.resolve(RetrievalCard.FILE));
    Files.delete(directory.resolve("modules.json"));
    ModelBundle bundle = ModelBundle.read(directory);
    assertEquals(role, bundle.role(ROLE));
    assertGivesWhatPythonGives(bundle);
    ModelBundle fewer = bundle.withRole(role.withDimensions(16));
    try (ModelSession session = OnnxBackend.load(fewer, Device.cpu())) {
      assertNear(expected.get("query16"), session.encoder(ROLE).encodeQueries(texts));
    }
  }

  @Test
  void theyCountInTheSpace() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    Role role = bundle.role(ROLE);
    ModelBundle plain = bundle.withRole(role.withOutput(role.output().withoutDense()));
    assertEquals(32, plain.width(ROLE));
    String before = bundle.space(ROLE).fingerprint();
    assertEquals(before, ModelBundle.read(directory).space(ROLE).fingerprint());
    assertNotEquals(before, plain.space(ROLE).fingerprint());
    Path weights = directory.resolve("2_Dense/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 4] ^= 1; // the last bit of one number
    Files.write(weights, bytes);
    assertNotEquals(before, ModelBundle.read(directory).space(ROLE).fingerprint());
  }

  /** Hidden states that somebody exported, with the layers' files beside them. */
  @Test
  void anExportedGraphOfHiddenStatesGoesThroughThemToo(@TempDir Path other) throws IOException {
    Path exports = Fixtures.resource("/onnx-exports/llama-mha");
    Fixtures.copyTree(exports, other);
    TinyTokenizers.write(other, 300);
    int hidden = ModelBundle.read(other).graphConfig().hiddenSize();
    Path dense = other.resolve("2_Dense");
    Fixtures.writeDense(dense, hidden, 10, 7);
    for (String name : List.of("modules.json", "1_Pooling/config.json")) {
      Files.createDirectories(other.resolve(name).getParent());
    }
    Files.writeString(other.resolve("1_Pooling/config.json"), "{\"pooling_mode\": \"lasttoken\"}");
    String modules = Files.readString(directory.resolve("modules.json"));
    int third = modules.indexOf("  {\n    \"idx\": 3");
    Files.writeString(
        other.resolve("modules.json"), modules.substring(0, modules.lastIndexOf(',', third)) + "]");
    ModelBundle bundle = ModelBundle.read(other);
    assertEquals(10, bundle.width(ROLE));
    Role role = bundle.role(ROLE);
    Role plain = role.withOutput(new Role.Output(false, Optional.empty()));
    try (ModelSession with = OnnxBackend.load(bundle, Device.cpu());
        ModelSession without = OnnxBackend.load(bundle.withRole(plain), Device.cpu())) {
      Embeddings vectors = with.encoder(ROLE).encodeQueries(texts.subList(0, 2));
      Embeddings states = without.encoder(ROLE).encodeQueries(texts.subList(0, 2));
      for (int i = 0; i < 2; i++) {
        double[] state = new double[hidden];
        for (int j = 0; j < hidden; j++) {
          state[j] = states.row(i)[j];
        }
        double[] vector = PlainForward.dense(state, bundle.dense(ROLE));
        double length = Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
        for (int j = 0; j < vector.length; j++) {
          assertEquals(vector[j] / length, vectors.row(i)[j], EMBEDDING);
        }
      }
    }
  }

  @Test
  void aGraphThatPoolsHasThemInside(@TempDir Path other) throws IOException {
    OnnxExporter.export(ModelBundle.read(directory), ROLE, other.resolve("export"));
    Path export = other.resolve("export");
    RetrievalCard card = RetrievalCard.read(export.resolve(RetrievalCard.FILE));
    Files.delete(export.resolve(RetrievalCard.FILE));
    Files.delete(export.resolve("provenance.json")); // it lists the card
    for (String part : List.of("1_Pooling", "2_Dense", "3_Dense")) {
      Fixtures.copyTree(directory.resolve(part), export.resolve(part));
    }
    for (String name :
        List.of("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json")) {
      Files.copy(directory.resolve(name), export.resolve(name));
    }
    assertGivesWhatPythonGives(ModelBundle.read(export));

    Role twice =
        card.roles()
            .get(ROLE)
            .withOutput(new Role.Output(true, Optional.empty(), List.of("2_Dense")));
    RetrievalCard.of(twice).withOnnx("model.onnx").write(export.resolve(RetrievalCard.FILE));
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> ModelBundle.read(export));
    assertTrue(e.getMessage().contains("not behind it"), e.getMessage());
  }
}
