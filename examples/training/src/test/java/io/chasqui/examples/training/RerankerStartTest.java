package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RerankerStartTest {
  private static final int QUERIES = 40;
  private static final int CANDIDATES = 25;

  @TempDir Path scratch;

  /** An adapter of a retriever that changes all modules a little. */
  private Path retriever(Path base) throws IOException {
    LowRankUpdates updates = new LowRankUpdates(2, 6);
    Random random = new Random(7);
    ModelBundle.read(base)
        .config()
        .tensorShapes()
        .forEach(
            (name, shape) -> {
              if (name.contains("_proj")) {
                int out = Math.toIntExact(shape.get(0));
                int in = Math.toIntExact(shape.get(1));
                updates.keep(
                    name.substring(0, name.length() - ".weight".length()),
                    new LoraAdapter.Update(2, 1, noise(2 * in, random), noise(2 * out, random)),
                    out,
                    in);
              }
            });
    Path adapter = Files.createDirectory(scratch.resolve("retriever"));
    updates.write(adapter, "base", new float[256]);
    return adapter;
  }

  private static FloatBuffer noise(int count, Random random) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * count).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < count; i++) {
      buffer.put((float) (0.1 * random.nextGaussian()));
    }
    return buffer.flip();
  }

  private Path start(Path base, Path retriever, TopicTexts texts, int rank) throws IOException {
    ModelBundle model = ModelBundle.read(base).withRole(TinyModelRecipe.retriever(), retriever);
    Path adapter = Files.createDirectories(scratch.resolve("start"));
    RerankerStart.write(
        new InnerStates(
            model,
            TinyModelRecipe.retriever(),
            1,
            Files.createDirectories(scratch.resolve("states"))),
        SpareParts.of(model.config(), TopicTexts.shape(4)),
        model.adapter(TinyModelRecipe.RETRIEVER).orElseThrow(),
        rank,
        texts.samples().queries(),
        texts.samples().passages(),
        9,
        adapter);
    return adapter;
  }

  /**
   * Scores are what the retriever's cosine says, and what is left of them is how many of the
   * query's words are there.
   */
  @Test
  void beforeItIsTrainedItOrdersByTheRetrieversCosineAndByWords() throws IOException {
    TopicTexts texts = TopicTexts.in(scratch);
    Path base = texts.model("base", 4, true);
    Path retriever = retriever(base);
    ModelBundle bundle =
        ModelBundle.read(base)
            .withRole(TinyModelRecipe.retriever(), retriever)
            .withRole(TinyModelRecipe.reranker(), start(base, retriever, texts, 160));
    try (JsonTokenizer tokenizer = JsonTokenizer.open(base);
        ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      Scorer scorer = session.scorer(TinyModelRecipe.RERANKER);
      Embeddings queries = encoder.encodeQueries(texts.queries());
      Embeddings passages = encoder.encodePassages(texts.passages());
      double byCosine = 0;
      double byWords = 0;
      int best = 0;
      for (int query = 0; query < QUERIES; query++) {
        List<Passage> candidates = texts.passages().subList(query, query + CANDIDATES);
        String text = texts.queries().get(query);
        Scores scores = scorer.score(text, candidates);
        double[] scored = new double[CANDIDATES];
        double[] cosines = new double[CANDIDATES];
        double[] words = new double[CANDIDATES];
        boolean first = true;
        for (int i = 0; i < CANDIDATES; i++) {
          scored[i] = scores.score(i);
          cosines[i] = passages.dot(query + i, queries.row(query));
          words[i] = shared(tokenizer, text, candidates.get(i).text());
          first &= scored[i] <= scored[0];
        }
        byCosine += correlation(without(scored, words), without(cosines, words)) / QUERIES;
        byWords += correlation(without(scored, cosines), without(words, cosines)) / QUERIES;
        best += first ? 1 : 0;
      }
      String seen = "cosine %.3f, words %.3f, %d first".formatted(byCosine, byWords, best);
      assertTrue(byCosine > 0.45, seen);
      assertTrue(byWords > 0.3, seen);
      assertTrue(best >= 25, seen);
    }
  }

  /** The share of a query's tokens that a passage has. */
  private static double shared(JsonTokenizer tokenizer, String query, String passage) {
    Set<Integer> there =
        Arrays.stream(tokenizer.tokenize(passage).ids()).boxed().collect(Collectors.toSet());
    return Arrays.stream(tokenizer.tokenize(query).ids()).filter(there::contains).count();
  }

  /** What a line through the other values does not explain. */
  private static double[] without(double[] values, double[] others) {
    double deviation = Math.sqrt(variance(values) / variance(others));
    double slope = correlation(values, others) * deviation;
    double[] left = new double[values.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = values[i] - slope * others[i];
    }
    return left;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(value -> Math.pow(value - mean, 2)).average().orElseThrow();
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = mean(a);
    double meanB = mean(b);
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (a[i] - meanA) * (b[i] - meanB);
      squareA += Math.pow(a[i] - meanA, 2);
      squareB += Math.pow(b[i] - meanB, 2);
    }
    return product / Math.sqrt(squareA * squareB);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value / values.length;
    }
    return sum;
  }

  @Test
  void aRankThatIsTooLowIsRefused() throws IOException {
    TopicTexts texts = TopicTexts.in(scratch);
    Path base = texts.model("base", 4, true);
    Path retriever = retriever(base);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> start(base, retriever, texts, 64));
    assertEquals(
        "layers.3.self_attn.v_proj: rank 64 is too low for what is put into it", e.getMessage());
  }
}
