package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StructuredStartTest {
  private static final int PAIRS = TopicTexts.PAIRS;

  @TempDir Path scratch;

  private Path model(String name, int layers, boolean structured) throws IOException {
    return TopicTexts.in(scratch).model(name, layers, structured);
  }

  /** Mean reciprocal rank of each query's passage among all. */
  private double quality(Path model) throws IOException {
    ModelBundle bundle = ModelBundle.read(model).withRole(TinyModelRecipe.retriever());
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      TopicTexts texts = TopicTexts.in(scratch);
      var queries = encoder.encodeQueries(texts.queries());
      var passages = encoder.encodePassages(texts.passages());
      double sum = 0;
      for (int i = 0; i < PAIRS; i++) {
        double own = passages.dot(i, queries.row(i));
        int better = 1;
        for (int j = 0; j < PAIRS; j++) {
          better += passages.dot(j, queries.row(i)) > own ? 1 : 0;
        }
        sum += 1.0 / better;
      }
      return sum / PAIRS;
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void itFindsMostPassagesBeforeItIsTrainedAndNoiseFindsFew() throws IOException {
    double structured = quality(model("structured", 4, true));
    double random = quality(model("random", 4, false));
    assertTrue(structured > 0.6, structured + " structured, " + random + " random");
    assertTrue(random < 0.25, structured + " structured, " + random + " random");
  }

  /** Vectors of queries behind another's passage are nearly those of the queries alone. */
  @Test
  void aPassageBeforeAQueryIsNotMixedIntoIt() throws IOException {
    Role retriever = TinyModelRecipe.retriever();
    RoleTemplate.Single prompts = (RoleTemplate.Single) retriever.template();
    ModelBundle bundle =
        ModelBundle.read(model("marked", 4, true)).withRole(BehindPassages.role(retriever));
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      TopicTexts texts = TopicTexts.in(scratch);
      List<Passage> passages = texts.passages();
      List<String> alone = new ArrayList<>();
      List<String> behind = new ArrayList<>();
      for (int i = 0; i < PAIRS; i++) {
        String query = texts.queries().get(i);
        alone.add(prompts.query().replace("{query}", query));
        behind.add(BehindPassages.behind(prompts, passages.get((i + 1) % PAIRS), query));
      }
      var first = encoder.encodeQueries(alone);
      var second = encoder.encodeQueries(behind);
      var others = encoder.encodePassages(passages);
      double same = 0;
      double other = 0;
      double nearer = 0;
      for (int i = 0; i < PAIRS; i++) {
        float[] passage = others.row((i + 1) % PAIRS);
        same += first.dot(i, second.row(i)) / PAIRS;
        other += first.dot(i, second.row((i + 1) % PAIRS)) / PAIRS;
        nearer += (second.dot(i, passage) - first.dot(i, passage)) / PAIRS;
      }
      String seen = "cosine %.4f, of others %.4f, nearer %.4f".formatted(same, other, nearer);
      assertTrue(1 - same < 0.4 * (1 - other), seen);
      assertTrue(nearer < 0.04, seen);
    }
  }

  /** What is spare is zero and nothing else is. */
  @Test
  void whatIsSpareHasNoWeights() throws IOException {
    ModelBundle bundle = ModelBundle.read(model("spare", 4, true));
    float[] values = bundle.weights().floats("model.layers.3.self_attn.v_proj.weight");
    float[] outputs = bundle.weights().floats("model.layers.0.self_attn.o_proj.weight");
    float[] units = bundle.weights().floats("model.layers.2.mlp.down_proj.weight");
    assertEquals(256 * 256, values.length);
    int used = 0;
    for (int i = 0; i < values.length; i++) {
      used += i < 128 * 256 && values[i] != 0 ? 1 : 0;
      assertTrue(i < 128 * 256 || values[i] == 0);
    }
    assertTrue(used > 32_000, "" + used);
    for (int row = 0; row < 256; row++) {
      for (int column = 256; column < 512; column++) {
        assertEquals(0, outputs[row * 512 + column]);
      }
      for (int unit = 688; unit < 816; unit++) {
        assertEquals(0, units[row * 816 + unit]);
      }
    }
  }

  @Test
  void fewerLayersThanItHasPartsAreRefused() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> model("flat", 3, true));
    assertEquals("a structured start needs 4 layers, not 3", e.getMessage());
  }

  @Test
  void tokensOfTheSameCompanyPointTheSameWay() throws IOException {
    List<TrainingExample> drinks = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    Random random = new Random(6);
    for (int i = 0; i < 400; i++) {
      String drink = i % 2 == 0 ? "tea" : "milk";
      String place = random.nextBoolean() ? "cup" : "glass";
      String text = "she drinks warm " + drink + " out of a " + place;
      String other = "trains run late on " + (i % 3 == 0 ? "rails" : "tracks") + " these days";
      drinks.add(example(i, text));
      drinks.add(example(1_000 + i, other));
      lines.add(text);
      lines.add(other);
    }
    Path texts = Files.write(scratch.resolve("drinks.txt"), lines);
    Path directory = Files.createDirectory(scratch.resolve("drinks"));
    new BaseRecipe(new BaseShape(4, 64, 400), 1, 5).tokenizer(texts, directory);
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      TokenVectors vectors = TokenVectors.of(tokenizer, TrainingData.of(drinks), 8, 7);
      int tea = only(tokenizer, "tea");
      int milk = only(tokenizer, "milk");
      int rails = only(tokenizer, "rails");
      double alike = dot(vectors.vector(tea), vectors.vector(milk));
      double unlike = dot(vectors.vector(tea), vectors.vector(rails));
      assertTrue(alike > unlike + 0.5, alike + " and " + unlike);
      assertEquals(1, dot(vectors.vector(tea), vectors.vector(tea)), 1e-5);
      assertEquals(Math.log(801.0 / 201), vectors.rarity(tea), 1e-9);
    }
  }

  private static TrainingExample example(int id, String text) {
    Passage passage = Passage.of("p" + id, "", text);
    return new TrainingExample("q" + id, text, List.of(passage), List.of(), List.of());
  }

  private static int only(JsonTokenizer tokenizer, String word) {
    int[] ids = tokenizer.tokenize(" " + word).ids();
    return ids[ids.length - 1];
  }
}
