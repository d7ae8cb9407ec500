package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The small model's files give what an independent float64 reference makes of them: prompts, cuts,
 * both adapters, pooling and head are as its card says.
 */
class TinyModelIT {
  private static final double EMBEDDING_TOLERANCE = 1e-5;
  private static final double SCORE_TOLERANCE = 1e-4;

  private static JsonNode golden;
  private static ModelSession session;
  private static final List<String> QUERIES = new ArrayList<>();
  private static final List<Passage> PASSAGES = new ArrayList<>();

  @BeforeAll
  static void load() throws IOException {
    try (InputStream in = TinyModelIT.class.getResourceAsStream("/tiny-javadoc-golden.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    golden.get("queries").forEach(query -> QUERIES.add(query.get("text").asText()));
    golden
        .get("passages")
        .forEach(
            p ->
                PASSAGES.add(
                    Passage.of(
                        "p" + PASSAGES.size(), p.get("title").asText(), p.get("text").asText())));
    session = OnnxBackend.load(ModelBundle.read(TinyModel.DIRECTORY), Device.cpu(2));
  }

  @AfterAll
  static void close() {
    session.close();
  }

  @Test
  void queriesAreEncodedAsTheReferenceDoes() {
    check(golden.get("queries"), session.encoder("repllama").encodeQueries(QUERIES));
  }

  @Test
  void passagesAreEncodedAsTheReferenceDoes() {
    Embeddings passages = session.encoder("repllama").encodePassages(PASSAGES);
    check(golden.get("passages"), passages);
    for (int i = 0; i < PASSAGES.size(); i++) {
      assertEquals(
          golden.get("passages").get(i).get("truncated").asBoolean(), passages.isTruncated(i));
    }
  }

  @Test
  void pairsAreScoredAsTheReferenceDoes() {
    for (int q = 0; q < QUERIES.size(); q++) {
      Scores scores = session.scorer("rankllama").score(QUERIES.get(q), PASSAGES);
      for (int p = 0; p < PASSAGES.size(); p++) {
        assertEquals(
            golden.get("scores").get(q).get(p).asDouble(), scores.score(p), SCORE_TOLERANCE);
      }
    }
  }

  private static void check(JsonNode expected, Embeddings found) {
    assertEquals(expected.size(), found.size());
    for (int row = 0; row < found.size(); row++) {
      float[] vector = found.row(row);
      JsonNode reference = expected.get(row).get("embedding");
      assertEquals(reference.size(), vector.length);
      for (int i = 0; i < vector.length; i++) {
        assertEquals(
            reference.get(i).asDouble(), vector[i], EMBEDDING_TOLERANCE, "row " + row + ", " + i);
      }
    }
  }
}
