package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.testing.RandomAdapters;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import io.chasqui.onnx.OnnxOptions.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What models of hundreds of megabytes cost, each in a JVM of its own with 256 MB of heap at most.
 */
@Tag("nightly")
@EnabledOnOs(OS.LINUX) // reads /proc
class MemoryIT {
  private static final Shape SMALL = // 340 MB
      Shape.tiny().withWidths(768, 2048).withAttention(12, 12, 64).withLayers(12);
  private static final Shape LARGE = // 2.5 GB
      Shape.tiny().withWidths(2048, 5632).withAttention(16, 16, 128).withLayers(12);
  private static final int RANK = 32; // as published
  private static final int RUNS = 5;
  private static final Pattern ANONYMOUS = Pattern.compile("anonymous (\\d+)");

  @TempDir Path directory;

  @Test
  void secondAdapterCostsLittle() throws Exception {
    write(SMALL);
    long one = medianKilobytes(1, Weights.MAPPED);
    long two = medianKilobytes(2, Weights.MAPPED);
    System.out.println("one adapter " + one + " kB, two adapters " + two + " kB");
    assertTrue(two <= one * 1.15, "one adapter " + one + " kB, two " + two + " kB");
  }

  @Test
  void largeCheckpointNeedsNoHeap() throws Exception {
    write(LARGE);
    assertTrue(Files.size(directory.resolve("model.safetensors")) > 2L << 30);
    long both = medianKilobytes(2, Weights.AUTO);
    System.out.println("2.5 GB with two adapters: " + both + " kB");
    assertTrue(both < 1 << 20, "weights are mapped, yet the process has " + both + " kB");
  }

  /** On a machine of less than 6 GB they stay mapped. */
  @Test
  void aSmallModelIsCopiedOnceAtMost() throws Exception {
    write(SMALL);
    long mapped = medianKilobytes(2, Weights.MAPPED);
    long chosen = medianKilobytes(2, Weights.AUTO);
    long copied = medianKilobytes(2, Weights.COPIED);
    System.out.println(
        "mapped " + mapped + " kB, by default " + chosen + " kB, copied " + copied + " kB");
    long file = Files.size(directory.resolve("model.safetensors")) / 1024;
    assertTrue(chosen <= mapped + file * 1.15, "mapped " + mapped + " kB, chosen " + chosen);
    assertTrue(copied <= mapped + file * 1.15, "mapped " + mapped + " kB, copied " + copied);
  }

  private void write(Shape shape) throws IOException {
    TestBundles.of(
        directory,
        shape,
        RandomAdapters.Spec.retriever().withRank(RANK, 2 * RANK),
        RandomAdapters.Spec.reranker().withRank(RANK, 2 * RANK));
  }

  private long medianKilobytes(int adapters, Weights weights) {
    return LongStream.range(0, RUNS)
        .map(run -> kilobytes(adapters, weights))
        .sorted()
        .toArray()[RUNS / 2];
  }

  private long kilobytes(int adapters, Weights weights) {
    try {
      ChildJvm.Result result =
          ChildJvm.run(
              directory,
              MemoryProbe.class,
              directory.toString(),
              Integer.toString(adapters),
              weights.name());
      assertEquals(0, result.exitCode(), result::output);
      Matcher found = ANONYMOUS.matcher(result.output());
      assertTrue(found.find(), result::output);
      return Long.parseLong(found.group(1));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
