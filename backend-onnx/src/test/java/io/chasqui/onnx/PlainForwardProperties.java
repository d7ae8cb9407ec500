package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.scorer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Deadline;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.DenseLayer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** The graph against the second oracle, on random checkpoints of random shapes. */
class PlainForwardProperties {
  private static final double TOLERANCE = 2e-5; // of values around 1
  private static final int NOISES = 8;
  private static final double NOISE_FACTOR = 10;

  @Property(tries = 250, shrinking = ShrinkingMode.OFF)
  void graphAgreesWithPlainLoops(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    compare(RandomModels.shape(RandomModels.Kind.LLAMA, random), random);
  }

  /** A Llama of two numbers: their norm makes 1.4e-4 of the last bit of the weights. */
  @Example
  void aLlamaOfTwoNumbersAgreesAsFarAsItsWeightsAreKnown() throws IOException {
    graphAgreesWithPlainLoops(2008);
  }

  @Property(tries = 140, shrinking = ShrinkingMode.OFF)
  void graphsOfSiblingsAgreeWithPlainLoops(@ForAll RandomModels.Kind kind, @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    compare(RandomModels.shape(kind, random), random);
  }

  private static void compare(ModelConfig config, Random random) throws IOException {
    String prefix = random.nextBoolean() ? "model." : "";
    DType dtype = List.of(DType.F32, DType.F16, DType.BF16).get(random.nextInt(3));
    Role.Attention attention =
        random.nextInt(4) > 0 ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
    Role.Pooling pooling = List.of(Role.Pooling.values()).get(random.nextInt(3));
    List<DenseLayer> dense = RandomDense.layers(config.hiddenSize(), random);
    int width = dense.isEmpty() ? config.hiddenSize() : dense.get(dense.size() - 1).out();
    int dimensions = 1 + random.nextInt(width);
    Role vectors =
        encoder(
            "vectors",
            attention,
            pooling,
            new Role.Output(random.nextBoolean(), Optional.of(dimensions)));
    Role scores = scorer(List.of(Role.PadSide.values()).get(random.nextInt(2))).withName("scores");
    LoraAdapter first = RandomModels.adapter(config, random);
    LoraAdapter second = RandomModels.adapter(config, random);
    RunnerOptions options =
        RunnerOptions.defaults()
            .withKeepHidden(random.nextInt(3) == 0)
            .withPrepacking(random.nextBoolean());
    List<int[]> rows = RandomModels.rows(config, 1 + random.nextInt(4), 12, random);

    Optional<LoraAdapter> none = Optional.empty();
    Path directory = Files.createTempDirectory("chasqui-random");
    RandomModels.write(directory, config, prefix, dtype, random.nextLong());
    Tensors tensors = CheckpointWeights.read(directory);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(
            config,
            tensors,
            List.of(
                new ServedRole(vectors, Optional.of(first), dense),
                Fixtures.served(scores, second),
                Fixtures.served(scores.withName("base"))),
            options)) {
      float[] found = runner.run(batch("vectors", rows), Deadline.none());
      float[] foundScores = runner.run(batch("scores", rows), Deadline.none());
      float[] foundBase = runner.run(batch("base", rows), Deadline.none());
      for (int row = 0; row < rows.size(); row++) {
        double[] expected = vector(config, tensors, prefix, first, vectors, dense, rows.get(row));
        int[] ids = rows.get(row);
        for (int i = 0; i < dimensions; i++) {
          int dimension = i;
          assertNear(
              expected[i],
              found[row * dimensions + i],
              TOLERANCE,
              config,
              seed ->
                  vector(
                      config, new NoisyTensors(tensors, seed), prefix, first, vectors, dense, ids)[
                      dimension]);
        }
        for (Optional<LoraAdapter> adapter : List.of(Optional.of(second), none)) {
          assertNear(
              score(config, tensors, prefix, adapter, ids),
              (adapter.isPresent() ? foundScores : foundBase)[row],
              TOLERANCE * 2,
              config,
              seed -> score(config, new NoisyTensors(tensors, seed), prefix, adapter, ids));
        }
      }
    } finally {
      Files.delete(directory.resolve("model.safetensors"));
      Files.delete(directory);
    }
  }

  @Property(tries = 70, shrinking = ShrinkingMode.OFF)
  void aSharedPrefixChangesNothing(@ForAll RandomModels.Kind kind, @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    ModelConfig config = RandomModels.shape(kind, random);
    int[] prefix = random.ints(1 + random.nextInt(9), 0, config.vocabularySize()).toArray();
    List<int[]> rows =
        RandomModels.rows(config, 1 + random.nextInt(4), 9, random).stream()
            .map(row -> IntStream.concat(Arrays.stream(prefix), Arrays.stream(row)).toArray())
            .toList();
    Role scores =
        scorer(random.nextBoolean() ? Role.PadSide.LEFT : Role.PadSide.RIGHT).withName("scores");
    Path directory = Files.createTempDirectory("chasqui-random");
    RandomModels.write(directory, config, "", DType.F32, random.nextLong());
    Tensors tensors = CheckpointWeights.read(directory);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(
            config, tensors, List.of(Fixtures.served(scores)), RunnerOptions.defaults())) {
      TokenBatch batch = new TokenBatch("scores", rows, prefix.length);
      float[] found = runner.run(batch, Deadline.none());
      for (int row = 0; row < rows.size(); row++) {
        int[] ids = rows.get(row);
        assertNear(
            score(config, tensors, "", Optional.empty(), ids),
            found[row],
            TOLERANCE * 2,
            config,
            noise -> score(config, new NoisyTensors(tensors, noise), "", Optional.empty(), ids));
      }
    } finally {
      Files.delete(directory.resolve("model.safetensors"));
      Files.delete(directory);
    }
  }

  /**
   * Equal, up to the tolerance; or, where norms of a few small numbers blow up any rounding, up to
   * ten times what the last bit of the weights does to the exact result.
   */
  private static void assertNear(
      double expected, float found, double tolerance, ModelConfig config, Noisy noisy)
      throws IOException {
    double allowed = tolerance;
    if (Math.abs(expected - found) > tolerance) {
      for (int seed = 0; seed < NOISES; seed++) {
        allowed = Math.max(allowed, NOISE_FACTOR * Math.abs(expected - noisy.result(seed)));
      }
    }
    assertEquals(expected, found, allowed, config.toString());
  }

  private interface Noisy {
    double result(int seed) throws IOException;
  }

  private static double[] vector(
      ModelConfig config,
      Tensors tensors,
      String prefix,
      LoraAdapter adapter,
      Role role,
      List<DenseLayer> dense,
      int[] row)
      throws IOException {
    boolean causal = role.attention() == Role.Attention.CAUSAL;
    double[][] hidden =
        new PlainForward(config, tensors, prefix, Optional.of(adapter)).hidden(row, causal);
    double[] pooled = new double[config.hiddenSize()];
    for (int i = 0; i < pooled.length; i++) {
      for (int t = 0; t < row.length; t++) {
        switch (role.pooling()) {
          case MEAN -> pooled[i] += hidden[t][i] / row.length;
          case LAST -> pooled[i] = hidden[t][i];
          case CLS -> pooled[i] = hidden[0][i];
        }
      }
    }
    double[] vector =
        Arrays.copyOf(PlainForward.dense(pooled, dense), role.output().dimensions().orElseThrow());
    double squares = Arrays.stream(vector).map(value -> value * value).sum();
    double length = role.output().normalise() ? Math.sqrt(squares) : 1;
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= length;
    }
    return vector;
  }

  private static double score(
      ModelConfig config, Tensors tensors, String prefix, Optional<LoraAdapter> adapter, int[] row)
      throws IOException {
    double[][] hidden = new PlainForward(config, tensors, prefix, adapter).hidden(row, true);
    float[] head = tensors.floats("score.weight");
    double score = 0;
    for (int i = 0; i < head.length; i++) {
      score += head[i] * hidden[row.length - 1][i];
    }
    return score;
  }
}
