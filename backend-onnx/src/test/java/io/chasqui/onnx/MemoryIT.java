package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What models of hundreds of megabytes cost, each in a JVM of its own. */
@Tag("nightly")
@EnabledOnOs(OS.LINUX) // reads /proc
class MemoryIT {
  private static final int[] SMALL = {32_000, 768, 2048, 12, 12}; // 438 MB
  private static final int[] LARGE = {32_000, 2048, 5632, 12, 16}; // 2.5 GB

  @TempDir Path directory;

  @Test
  void secondAdapterCostsLittle() throws Exception {
    write(SMALL);
    long one = kilobytes(SMALL, 1, "128m");
    long two = kilobytes(SMALL, 2, "128m");
    assertTrue(two <= one * 1.15, "one adapter " + one + " kB, two " + two + " kB");
  }

  @Test
  void largeCheckpointNeedsNoHeap() throws Exception {
    write(LARGE);
    assertTrue(Files.size(directory.resolve("model.safetensors")) > 2L << 30);
    long none = kilobytes(LARGE, 0, "256m");
    assertTrue(none < 1 << 20, "weights are mapped, yet the process has " + none + " kB");
  }

  private void write(int[] shape) throws IOException {
    ModelConfig config = RandomModels.config(shape[0], shape[1], shape[2], shape[3], shape[4]);
    RandomModels.write(directory, config, "model.", DType.F32, 7);
  }

  private long kilobytes(int[] shape, int adapters, String heap)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heap, // the heap is the same in all, however much garbage loading makes
                "-Xmx" + heap,
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                MemoryProbe.class.getName(),
                directory.toString()));
    IntStream.of(shape).mapToObj(Integer::toString).forEach(command::add);
    command.addAll(List.of(Integer.toString(adapters), "16", "MAPPED"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", classPath());
    File errors = directory.resolve("errors").toFile();
    Process process = builder.redirectError(errors).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), () -> read(errors.toPath()));
    return Long.parseLong(output);
  }

  /** Surefire hides the real class path in a manifest, or behind this property. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
