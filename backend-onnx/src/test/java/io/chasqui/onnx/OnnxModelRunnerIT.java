package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.SCORER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;
import static io.chasqui.onnx.Fixtures.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role.PadSide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelRunnerIT {
  private static final Path BASE = golden("arch/llama-mha-seqcls");
  private static final int[] ROW = {1, 17, 99, 2};

  @TempDir Path directory;

  @Test
  void saysHowWideEachRoleIs() throws IOException {
    try (OnnxModelRunner runner = runner()) {
      assertEquals(64, runner.width(ENCODER));
      assertEquals(1, runner.width(SCORER));
      String message =
          assertThrows(IllegalArgumentException.class, () -> runner.width("other")).getMessage();
      assertTrue(message.contains("other") && message.contains(ENCODER), message);
    }
  }

  @Test
  void refusesIdsOutsideOfTheVocabulary() throws IOException {
    try (OnnxModelRunner runner = runner()) {
      for (int id : new int[] {300, -1}) {
        List<int[]> rows = List.of(ROW, new int[] {1, id});
        String message =
            assertThrows(IllegalArgumentException.class, () -> run(runner, rows)).getMessage();
        assertTrue(message.contains("" + id) && message.contains("300"), message);
      }
    }
  }

  @Test
  void refusesRunsOnceClosed() throws IOException {
    OnnxModelRunner runner = runner();
    runner.close();
    runner.close();
    assertThrows(IllegalStateException.class, () -> run(runner, List.of(ROW)));
  }

  @Test
  void manyThreadsGetWhatOneGets() throws Exception {
    try (OnnxModelRunner runner = runner()) {
      Random random = new Random(5);
      List<List<int[]>> batches = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        batches.add(RandomModels.rows(config(), 1 + random.nextInt(3), 20, random));
      }
      List<float[]> expected = batches.stream().map(rows -> run(runner, rows)).toList();
      ExecutorService pool = Executors.newFixedThreadPool(4);
      try {
        List<Callable<float[]>> calls = new ArrayList<>();
        batches.forEach(rows -> calls.add(() -> run(runner, rows)));
        List<Future<float[]>> found = pool.invokeAll(calls);
        for (int i = 0; i < expected.size(); i++) {
          assertArrayEquals(expected.get(i), found.get(i).get());
        }
      } finally {
        pool.shutdown();
      }
    }
  }

  @Test
  void deadlineStopsTheNativeRun() throws IOException {
    try (OnnxModelRunner runner = slowRunner()) {
      List<int[]> rows = longRows();
      long start = System.nanoTime();
      run(runner, rows);
      Deadline deadline = Deadline.after(Duration.ofNanos((System.nanoTime() - start) / 4));
      String message =
          assertThrows(
                  DeadlineExceededException.class, () -> runner.run(batch(ENCODER, rows), deadline))
              .getMessage();
      assertTrue(message.contains("during"), message);
      run(runner, rows); // others are unharmed
    }
  }

  @Test
  void interruptStopsTheNativeRunAndStaysSet() throws Exception {
    try (OnnxModelRunner runner = slowRunner()) {
      List<int[]> rows = longRows();
      ExecutorService pool = Executors.newSingleThreadExecutor();
      try {
        Future<Boolean> call =
            pool.submit(
                () -> {
                  Thread.currentThread().interrupt();
                  assertThrows(DeadlineExceededException.class, () -> run(runner, rows));
                  boolean before = Thread.interrupted();
                  Thread self = Thread.currentThread();
                  Thread other = new Thread(self::interrupt);
                  other.start();
                  assertThrows(DeadlineExceededException.class, () -> run(runner, rows));
                  return before && Thread.interrupted();
                });
        assertTrue(call.get());
      } finally {
        pool.shutdown();
      }
    }
  }

  @Test
  void closeWaitsForRunsInFlight() throws Exception {
    OnnxModelRunner runner = slowRunner();
    List<int[]> rows = longRows();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<float[]>> runs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        runs.add(pool.submit(() -> run(runner, rows)));
      }
      runner.close();
      for (Future<float[]> run : runs) {
        try {
          assertFalse(Float.isNaN(run.get()[0]));
        } catch (ExecutionException e) {
          assertEquals(IllegalStateException.class, e.getCause().getClass());
        }
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void returnsWhatTheModelGivesBeItNaN() throws IOException {
    ModelConfig config = RandomModels.config(20, 8, 8, 1, 2);
    RandomModels.write(directory, config, "", DType.F32, 3);
    Path file = directory.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    var embedding = CheckpointWeights.read(directory).all().get("embed_tokens.weight");
    int token5 = (int) embedding.offset() + 5 * 8 * Float.BYTES;
    java.nio.ByteBuffer.wrap(bytes)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putFloat(token5, Float.NaN);
    Files.write(file, bytes);
    try (OnnxModelRunner runner = load(config, served(encoder(PadSide.RIGHT)))) {
      float[] found = run(runner, List.of(new int[] {1, 5, 2}, new int[] {1, 6, 2}));
      assertTrue(Float.isNaN(found[0]));
      assertFalse(Float.isNaN(found[8]), "other rows are unharmed");
    }
  }

  @Test
  void refusesAnAdapterThatDoesNotFit() throws IOException {
    ModelConfig config = RandomModels.config(20, 8, 12, 1, 2);
    RandomModels.write(directory, config, "", DType.F32, 3);
    ModelConfig wider = RandomModels.config(20, 10, 12, 1, 2);
    ModelConfig deeper = RandomModels.config(20, 8, 12, 2, 2);
    Random random = new Random(1);
    assertRefused(config, RandomModels.adapter(wider, 2, random), "layers.0.self_attn.q_proj");
    assertRefused(config, RandomModels.adapter(deeper, 2, random), "layers.1.mlp.down_proj");
    assertRefused(
        config, new LoraAdapter("SEQ_CLS", new TreeMap<>(), Map.of()), "without any update");
    LoraAdapter fits = RandomModels.adapter(config, 2, random);
    LoraAdapter wrongHead =
        new LoraAdapter(
            "SEQ_CLS",
            fits.modules(),
            Map.of("score.weight", new LoraAdapter.Saved(2, 8, new float[16])));
    String message =
        assertThrows(
                ModelFormatException.class,
                () -> load(config, served(scorer(PadSide.RIGHT), wrongHead)))
            .getMessage();
    assertTrue(message.contains("score.weight") && message.contains("[2, 8]"), message);
  }

  @Test
  void refusesARoleWhoseHeadIsMissing() throws IOException {
    Path base = golden("arch/llama-mha");
    ModelConfig config = ModelConfig.read(base);
    String message =
        assertThrows(
                ModelFormatException.class,
                () ->
                    OnnxModelRunner.load(
                        config,
                        CheckpointWeights.read(base),
                        List.of(served(scorer(PadSide.RIGHT))),
                        RunnerOptions.defaults()))
            .getMessage();
    assertTrue(message.contains("score.weight"), message);
  }

  @Test
  void mergesOneAdapterOnly() throws IOException {
    ModelConfig config = RandomModels.config(20, 8, 12, 1, 2);
    RandomModels.write(directory, config, "", DType.F32, 3);
    LoraAdapter adapter = RandomModels.adapter(config, 2, new Random(1));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            OnnxModelRunner.load(
                config,
                CheckpointWeights.read(directory),
                List.of(served(encoder(PadSide.LEFT), adapter), served(scorer(PadSide.LEFT))),
                RunnerOptions.defaults().withAdapters(RunnerOptions.Adapters.MERGED)));
  }

  @Test
  void weightsMayBeReachedThroughLinksOfSeveralFolders() throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/one"));
    Path snapshot = Files.createDirectories(directory.resolve("snapshots/rev"));
    Files.copy(BASE.resolve("model.safetensors"), blobs.resolve("abc123"));
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), blobs.resolve("abc123"));
    try (OnnxModelRunner linked =
            OnnxModelRunner.load(
                config(),
                CheckpointWeights.read(snapshot),
                List.of(served(encoder(PadSide.RIGHT))),
                RunnerOptions.defaults());
        OnnxModelRunner plain = runner()) {
      assertArrayEquals(run(plain, List.of(ROW)), run(linked, List.of(ROW)));
    }
  }

  @Test
  void nativeFailureIsTyped() throws IOException {
    ModelConfig config = RandomModels.config(20, 8, 12, 1, 2);
    RandomModels.write(directory, config, "", DType.F32, 3);
    CheckpointWeights weights = CheckpointWeights.read(directory);
    Files.delete(directory.resolve("model.safetensors"));
    BackendException failure =
        assertThrows(
            BackendException.class,
            () ->
                OnnxModelRunner.load(
                    config,
                    weights,
                    List.of(served(encoder(PadSide.RIGHT))),
                    RunnerOptions.defaults()));
    assertFalse(failure.retryable());
    assertTrue(failure.getMessage().startsWith("loading the model failed"), failure.getMessage());
  }

  private void assertRefused(ModelConfig config, LoraAdapter adapter, String part) {
    String message =
        assertThrows(
                ModelFormatException.class,
                () -> load(config, served(encoder(PadSide.RIGHT), adapter)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  private OnnxModelRunner load(ModelConfig config, ServedRole role) throws IOException {
    return OnnxModelRunner.load(
        config, CheckpointWeights.read(directory), List.of(role), RunnerOptions.defaults());
  }

  /** A model whose runs take long enough to be stopped. */
  private OnnxModelRunner slowRunner() throws IOException {
    ModelConfig config = RandomModels.config(50, 256, 512, 8, 4);
    RandomModels.write(directory, config, "", DType.F32, 9);
    return load(config, served(encoder(PadSide.RIGHT)));
  }

  private static List<int[]> longRows() {
    int[] row = new Random(2).ints(400, 0, 50).toArray();
    return List.of(row, row, row, row);
  }

  private static ModelConfig config() throws IOException {
    return ModelConfig.read(BASE);
  }

  private static OnnxModelRunner runner() throws IOException {
    return OnnxModelRunner.load(
        config(),
        weights(BASE),
        List.of(served(encoder(PadSide.RIGHT)), served(scorer(PadSide.RIGHT))),
        RunnerOptions.defaults());
  }

  private static float[] run(OnnxModelRunner runner, List<int[]> rows) {
    return runner.run(batch(ENCODER, rows), Deadline.none());
  }
}
