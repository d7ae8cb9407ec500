package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
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

  /**
   * What the last token's state says of matches, read by a head that reads nothing else: it is
   * higher where the document has the query's words.
   */
  @Test
  void statesTellWhetherTheDocumentHasTheWordsOfTheQuery() throws IOException {
    Path model = model("matching", 4, true);
    ModelBundle bundle =
        ModelBundle.read(model).withRole(TinyModelRecipe.reranker(), headOnMatches());
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      Scorer scorer = session.scorer(TinyModelRecipe.RERANKER);
      List<TrainingExample> pairs = TopicTexts.in(scratch).pairs();
      int higher = 0;
      for (int i = 0; i < PAIRS; i++) {
        TrainingExample other = pairs.get((i + 1) % PAIRS);
        Scores scores =
            scorer.score(
                pairs.get(i).query(),
                List.of(pairs.get(i).positives().get(0), other.positives().get(0)));
        higher += scores.score(0) > scores.score(1) ? 1 : 0;
      }
      assertTrue(higher > 0.75 * PAIRS, higher + " of " + PAIRS);
    }
  }

  /** An adapter that changes nothing, with a head on the last two numbers of a state. */
  private Path headOnMatches() throws IOException {
    Path adapter = Files.createDirectory(scratch.resolve("head"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        """
        {"peft_type": "LORA", "task_type": "SEQ_CLS", "r": 1, "lora_alpha": 1,
         "target_modules": ["q_proj"], "bias": "none", "modules_to_save": ["score"]}
        """);
    float[] head = new float[256];
    head[254] = 1;
    head[255] = 1;
    List<TensorData> tensors = new ArrayList<>();
    for (int layer = 0; layer < 4; layer++) {
      String name = "base_model.model.model.layers." + layer + ".self_attn.q_proj.lora_";
      tensors.add(TensorData.of(name + "A.weight", DType.F32, List.of(1L, 256L), new float[256]));
      tensors.add(TensorData.of(name + "B.weight", DType.F32, List.of(256L, 1L), new float[256]));
    }
    tensors.add(TensorData.of("base_model.model.score.weight", DType.F32, List.of(1L, 256L), head));
    SafetensorsWriter.write(adapter.resolve("adapter_model.safetensors"), tensors);
    return adapter;
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
