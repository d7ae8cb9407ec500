package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PreparedInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random XLM-RoBERTas with a Unigram tokenizer, exported by torch.onnx of PyTorch 2.13 ({@code
 * unigram/make.py} of the checkpoint module's tests), give what sentence-transformers 6.0.1
 * computed: multilingual-e5, bge-m3 and bge-reranker-v2-m3 are of this kind.
 */
class UnigramExportsIT {
  private static final double EMBEDDING = 3e-6;
  private static final double SCORE = 1e-5;
  private static final Path EXPORTS = Fixtures.resource("/onnx-exports");

  private static JsonNode expected(String part) throws IOException {
    return json(EXPORTS.resolve("unigram.json")).get(part);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  private static List<Passage> passages(List<String> texts) {
    return texts.stream().map(text -> Passage.of("p", text)).toList();
  }

  @Test
  void embedderGivesWhatPythonGives() throws IOException {
    JsonNode expected = expected("embedder");
    List<String> texts = texts(expected.get("texts"));
    ModelBundle bundle = ModelBundle.read(EXPORTS.resolve("unigram-embedder"));
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      var encoder = session.encoder("sentence-transformers");
      assertNear(expected.get("query"), encoder.encodeQueries(texts));
      Embeddings found = encoder.encodePassages(passages(texts));
      assertNear(expected.get("passage"), found);
      assertEquals(List.of(false, false, false, true), flags(found));
    }
  }

  private static List<Boolean> flags(Embeddings found) {
    List<Boolean> flags = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      flags.add(found.isTruncated(i));
    }
    return flags;
  }

  private static void assertNear(JsonNode rows, Embeddings found) {
    assertEquals(rows.size(), found.size());
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(0, Fixtures.distance(numbers(rows.get(i)), found.row(i)), EMBEDDING, "row " + i);
    }
  }

  /** Pairs as {@code <s> a </s></s> b </s>}. */
  @Test
  void crossEncoderGivesWhatPythonGives() throws IOException {
    JsonNode expected = expected("cross-encoder");
    String query = expected.get("query").textValue();
    List<Passage> passages = passages(texts(expected.get("passages")));
    ModelBundle bundle = ModelBundle.read(EXPORTS.resolve("unigram-cross-encoder"));
    try (JsonTokenizer tokenizer = bundle.openTokenizer();
        ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      List<PreparedInput> pairs = bundle.prompts(tokenizer, "cross-encoder").pairs(query, passages);
      Scores scores = session.scorer("cross-encoder").score(query, passages);
      double[] values = numbers(expected.get("scores"));
      for (int i = 0; i < passages.size(); i++) {
        assertArrayEquals(Fixtures.row(expected.get("ids").get(i)), pairs.get(i).ids());
        assertEquals(values[i], scores.score(i), SCORE);
      }
    }
  }
}
