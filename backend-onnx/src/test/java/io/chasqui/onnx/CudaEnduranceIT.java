package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.served;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.onnx.OnnxOptions.Precision;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CUDA device 0 for long, and beyond its memory: {@code mvn -Pgpu verify}. */
@Tag("gpu")
class CudaEnduranceIT {
  private static final Device CUDA = Device.cuda(0);
  private static final long MEBIBYTE = 1 << 20;

  /** Of device memory, between two moments at which nothing runs. */
  private static final long FLAT = 32 * MEBIBYTE;

  @TempDir Path directory;

  @Test
  void tenThousandRunsOfEightThreadsLeaveDeviceMemoryFlat() throws Exception {
    ModelBundle bundle = TestBundles.tiny(directory);
    List<float[]> expected = DeviceRuns.expected(bundle);
    OnnxOptions options = OnnxOptions.defaults().withPrecision(Precision.FP32);
    try (ModelSession session = OnnxBackend.load(bundle, CUDA, options)) {
      DeviceRuns.runTogether(session, 8, 2_000, expected, 1e-4f);
      long before = usedBytes();
      DeviceRuns.runTogether(session, 8, 10_000, expected, 1e-4f);
      long after = usedBytes();
      assertTrue(after - before <= FLAT, before + " bytes before, " + after + " after");
    }
  }

  @Test
  void outOfMemoryIsRecovered() throws IOException {
    RandomCheckpoints.Shape shape = // attention of 64 rows of 500 tokens alone would take 512 MB
        RandomCheckpoints.Shape.tiny().withWidths(256, 768).withAttention(8, 8, 32).withLayers(2);
    ModelBundle bundle = TestBundles.of(directory, shape);
    List<Passage> passages = OnnxBackendIT.passages(64, 500);
    float[] expected;
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      expected = DeviceRuns.vectors(session.encoder("repllama").encodePassages(passages));
    }
    OnnxOptions options =
        OnnxOptions.defaults()
            .withPrecision(Precision.FP32)
            .withMaxBatchTokens(65_535)
            .withDeviceMemory(160 * MEBIBYTE);
    requireTooLittleForOneCall(bundle, options);
    try (ModelSession session = OnnxBackend.load(bundle, CUDA, options)) {
      for (int round = 0; round < 3; round++) {
        assertArrayEquals(
            expected,
            DeviceRuns.vectors(session.encoder("repllama").encodePassages(passages)),
            1e-4f);
      }
    }
  }

  /** So that the test would notice if nothing had to be recovered. */
  private static void requireTooLittleForOneCall(ModelBundle bundle, OnnxOptions options)
      throws IOException {
    RunnerOptions runnerOptions =
        Schedule.of(CUDA, options, bundle.config()).runnerOptions(CUDA, options);
    int[] row = new int[500];
    Arrays.fill(row, 5);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(
            bundle.config(),
            bundle.weights(),
            List.of(served(encoder(PadSide.RIGHT))),
            runnerOptions)) {
      TokenBatch batch = batch(ENCODER, Collections.nCopies(64, row));
      BackendException error =
          assertThrows(BackendException.class, () -> runner.run(batch, Deadline.none()));
      assertTrue(error.retryable(), error.getMessage());
    }
  }

  private static long usedBytes() throws IOException {
    Process query =
        new ProcessBuilder(
                "nvidia-smi", "-i", "0", "--query-gpu=memory.used", "--format=csv,noheader")
            .start();
    String line = new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals("MiB", line.replaceAll("[\\d ]", ""), line);
    return Long.parseLong(line.replaceAll("\\D", "")) * MEBIBYTE;
  }
}
