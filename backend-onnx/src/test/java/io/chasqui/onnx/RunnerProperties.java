package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.distance;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;
import static io.chasqui.onnx.Fixtures.weights;
import static io.chasqui.onnx.Fixtures.widened;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Deadline;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** How a batch is put together changes no result. */
class RunnerProperties {
  private static final double TOLERANCE = 3e-6;
  private static final List<String> ROLES = List.of("left", "right", "mean", "bare", "scores");

  private static ModelConfig config;
  private static OnnxModelRunner runner;

  @BeforeContainer
  static void load() throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    config = ModelConfig.read(base);
    LoraAdapter first = LoraAdapters.read(golden("adapters/adapter-a-rslora"), config);
    LoraAdapter second = LoraAdapters.read(golden("adapters/adapter-b-seqcls"), config);
    Role.Output unit = new Role.Output(true, Optional.empty());
    runner =
        OnnxModelRunner.load(
            config,
            weights(base),
            List.of(
                served(encoder(PadSide.LEFT).withName("left"), first),
                served(encoder(PadSide.RIGHT).withName("right"), first),
                served(encoder("mean", Role.Attention.CAUSAL, Role.Pooling.MEAN, unit), first),
                served(encoder("bare", Role.Attention.BIDIRECTIONAL, Role.Pooling.LAST, unit)),
                served(scorer(PadSide.RIGHT).withName("scores"), second)),
            RunnerOptions.defaults());
  }

  @AfterContainer
  static void close() {
    runner.close();
  }

  @Property(tries = 200)
  void batchGivesWhatSingleRowsGive(@ForAll long seed) {
    Random random = new Random(seed);
    String role = ROLES.get(random.nextInt(ROLES.size()));
    List<int[]> rows = RandomModels.rows(config, 1 + random.nextInt(6), 30, random);
    List<Float> singles = new ArrayList<>();
    for (int[] row : rows) {
      for (float value : run(role, List.of(row), 0)) {
        singles.add(value);
      }
    }
    double[] expected = singles.stream().mapToDouble(Float::doubleValue).toArray();
    assertEquals(0, distance(expected, run(role, rows, 0)), TOLERANCE);
  }

  @Property(tries = 200)
  void sideOfThePaddingMakesNoDifference(@ForAll long seed) {
    Random random = new Random(seed);
    List<int[]> rows = RandomModels.rows(config, 1 + random.nextInt(6), 30, random);
    assertEquals(0, distance(widened(run("left", rows, 0)), run("right", rows, 0)), TOLERANCE);
  }

  @Property(tries = 200)
  void orderOfTheRowsMakesNoDifference(@ForAll long seed) {
    Random random = new Random(seed);
    String role = ROLES.get(random.nextInt(ROLES.size()));
    List<int[]> rows = RandomModels.rows(config, 1 + random.nextInt(6), 30, random);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    float[] straight = run(role, rows, 0);
    float[] shuffled = run(role, order.stream().map(rows::get).toList(), 0);
    int width = runner.width(role);
    for (int i = 0; i < rows.size(); i++) {
      int from = order.get(i) * width;
      float[] expected = Arrays.copyOfRange(straight, from, from + width);
      float[] found = Arrays.copyOfRange(shuffled, i * width, (i + 1) * width);
      assertEquals(0, distance(widened(expected), found), TOLERANCE);
    }
  }

  @Property(tries = 200)
  void sharedPrefixMakesNoDifference(@ForAll long seed) {
    Random random = new Random(seed);
    String role = ROLES.get(random.nextInt(ROLES.size()));
    int[] prefix = random.ints(1 + random.nextInt(12), 0, config.vocabularySize()).toArray();
    List<int[]> rows =
        RandomModels.rows(config, 1 + random.nextInt(6), 30, random).stream()
            .map(row -> random.nextInt(5) == 0 ? prefix : joined(prefix, row))
            .toList();
    assertEquals(
        0, distance(widened(run(role, rows, 0)), run(role, rows, prefix.length)), TOLERANCE);
  }

  @Property(tries = 200)
  void batchesRunTogetherShareEachItsOwnPrefix(@ForAll long seed) {
    Random random = new Random(seed);
    List<TokenBatch> batches = new ArrayList<>();
    for (int i = 0; i < 2 + random.nextInt(3); i++) {
      int[] prefix = random.ints(random.nextInt(12), 0, config.vocabularySize()).toArray();
      List<int[]> rows =
          RandomModels.rows(config, 1 + random.nextInt(4), 20, random).stream()
              .map(row -> joined(prefix, row))
              .toList();
      batches.add(new TokenBatch(ROLES.get(random.nextInt(ROLES.size())), rows, prefix.length));
    }
    List<float[]> together = runner.runTogether(batches, Deadline.none());
    for (int i = 0; i < batches.size(); i++) {
      float[] plain = run(batches.get(i).role(), batches.get(i).rows(), 0);
      assertEquals(0, distance(widened(plain), together.get(i)), TOLERANCE);
    }
  }

  private static int[] joined(int[] prefix, int[] row) {
    int[] joined = Arrays.copyOf(prefix, prefix.length + row.length);
    System.arraycopy(row, 0, joined, prefix.length, row.length);
    return joined;
  }

  private static float[] run(String role, List<int[]> rows, int sharedPrefix) {
    return runner.run(new TokenBatch(role, rows, sharedPrefix), Deadline.none());
  }
}
