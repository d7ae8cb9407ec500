package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.distance;
import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Directories of sentence-transformers, read without a card, give what sentence-transformers 6.0.1
 * computed from the same files ({@code expected.json}).
 */
class SentenceTransformersIT {
  private static final double EMBEDDING = 3e-6;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"last", "mean", "cls"})
  void layoutGivesWhatPythonGives(String layout) throws IOException {
    Path fixture = Fixtures.resource("/sentence-transformers");
    Fixtures.copyTree(fixture.resolve("model"), directory);
    Fixtures.copyTree(fixture.resolve(layout), directory);
    JsonNode expected = json(fixture.resolve("expected.json"));
    List<String> texts = new ArrayList<>();
    expected.get("texts").forEach(text -> texts.add(text.textValue()));
    ModelBundle bundle = ModelBundle.read(directory);
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Encoder encoder = session.encoder("sentence-transformers");
      Embeddings queries = encoder.encodeQueries(texts);
      Embeddings passages =
          encoder.encodePassages(texts.stream().map(text -> Passage.of("p", text)).toList());
      for (int i = 0; i < texts.size(); i++) {
        JsonNode values = expected.get(layout);
        assertNear(values.get("query").get(i), queries.row(i));
        assertNear(values.get("passage").get(i), passages.row(i));
      }
      assertTrue(queries.isTruncated(texts.size() - 1));
      assertEquals(
          expected.get(layout).get("limit").intValue(),
          bundle.role("sentence-transformers").truncation().query());
    }
  }

  private static void assertNear(JsonNode expected, float[] found) {
    double[] values = numbers(expected);
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertEquals(0, distance(values, found), EMBEDDING * Math.max(1, largest));
  }

  /** An older layout keeps the model in a directory of its own. */
  @Test
  void theTransformerMayLieInADirectoryOfItsOwn() throws IOException {
    Path fixture = Fixtures.resource("/sentence-transformers");
    Fixtures.copyTree(fixture.resolve("model"), directory.resolve("0_Transformer"));
    Fixtures.copyTree(fixture.resolve("last"), directory);
    Path modules = directory.resolve("modules.json");
    java.nio.file.Files.writeString(
        modules,
        java.nio.file.Files.readString(modules)
            .replaceFirst("\"path\": \"\"", "\"path\": \"0_Transformer\""));
    JsonNode expected = json(fixture.resolve("expected.json"));
    try (ModelSession session = OnnxBackend.load(ModelBundle.read(directory), Device.cpu())) {
      Embeddings found =
          session
              .encoder("sentence-transformers")
              .encodeQueries(List.of(expected.get("texts").get(0).textValue()));
      assertNear(expected.get("last").get("query").get(0), found.row(0));
    }
  }
}
