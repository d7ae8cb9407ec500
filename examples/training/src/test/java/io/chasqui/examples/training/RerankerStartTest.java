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
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
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
                    new LoraAdapter.Update(2, 1, noise(2 * in, random), noise(2 * out, random)));
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
        model.adapter(TinyModelRecipe.RETRIEVER).orElseThrow(),
        rank,
        texts.queries(),
        texts.passages(),
        9,
        adapter);
    return adapter;
  }

  @Test
  void beforeItIsTrainedItOrdersAsTheRetrieverDoes() throws IOException {
    TopicTexts texts = TopicTexts.in(scratch);
    Path base = texts.model("base", 4, true);
    Path retriever = retriever(base);
    ModelBundle bundle =
        ModelBundle.read(base)
            .withRole(TinyModelRecipe.retriever(), retriever)
            .withRole(TinyModelRecipe.reranker(), start(base, retriever, texts, 64));
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      Scorer scorer = session.scorer(TinyModelRecipe.RERANKER);
      Embeddings queries = encoder.encodeQueries(texts.queries());
      Embeddings passages = encoder.encodePassages(texts.passages());
      double correlation = 0;
      int best = 0;
      for (int query = 0; query < QUERIES; query++) {
        List<Passage> candidates = texts.passages().subList(query, query + CANDIDATES);
        Scores scores = scorer.score(texts.queries().get(query), candidates);
        double[] scored = new double[CANDIDATES];
        double[] cosines = new double[CANDIDATES];
        boolean first = true;
        for (int i = 0; i < CANDIDATES; i++) {
          scored[i] = scores.score(i);
          cosines[i] = passages.dot(query + i, queries.row(query));
          first &= scored[i] <= scored[0];
        }
        correlation += correlation(scored, cosines) / QUERIES;
        best += first ? 1 : 0;
      }
      String seen = "correlation %.3f, %d first".formatted(correlation, best);
      assertTrue(correlation > 0.55, seen);
      assertTrue(best >= 32, seen);
    }
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

  /**
   * Both heads of the last group bring the same; where they write, what the base would make of it
   * is gone: sixty-four directions of one length, at right angles.
   */
  @Test
  void theQueryIsWrittenAsIfTheBaseWroteNothing() throws IOException {
    TopicTexts texts = TopicTexts.in(scratch);
    Path base = texts.model("base", 4, true);
    Path retriever = retriever(base);
    ModelBundle model =
        ModelBundle.read(base)
            .withRole(TinyModelRecipe.reranker(), start(base, retriever, texts, 64));
    LoraAdapter.Update update =
        Objects.requireNonNull(
            model
                .adapter(TinyModelRecipe.RERANKER)
                .orElseThrow()
                .modules()
                .get("layers.3.self_attn.o_proj"));
    float[] weight = model.weights().floats("model.layers.3.self_attn.o_proj.weight");
    DMatrixRMaj written = new DMatrixRMaj(64, 256);
    for (int i = 0; i < 64; i++) {
      for (int row = 0; row < 256; row++) {
        double sum = 0;
        for (int column : new int[] {128 + i, 192 + i}) {
          sum += weight[row * 256 + column];
          for (int r = 0; r < update.rank(); r++) {
            sum +=
                update.scale()
                    * update.b().get(row * update.rank() + r)
                    * update.a().get(r * 256 + column);
          }
        }
        written.set(i, row, sum);
      }
    }
    DMatrixRMaj products = Matrices.timesTransposed(written, written);
    for (int i = 0; i < 64; i++) {
      for (int j = 0; j < 64; j++) {
        assertEquals(i == j ? 1 : 0, products.get(i, j) / products.get(0, 0), 1e-5);
      }
    }
  }

  @Test
  void aRankBelowAHeadsDimensionsIsRefused() throws IOException {
    TopicTexts texts = TopicTexts.in(scratch);
    Path base = texts.model("base", 4, true);
    Path retriever = retriever(base);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> start(base, retriever, texts, 32));
    assertEquals("layers.3.self_attn.k_proj: rank 32 is too low for 64", e.getMessage());
  }
}
