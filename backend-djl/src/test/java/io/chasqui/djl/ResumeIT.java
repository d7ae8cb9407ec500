package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed at any instant, a training goes on to the weights it would have come to. */
final class ResumeIT {
  /** Every operation gives the same bits again; this allows for libraries that do not. */
  private static final float EQUAL = 1e-6f;

  @TempDir Path scratch;

  @Test
  void killedThreeTimesItEndsWhereAnUninterruptedOneDoes() throws Exception {
    killAndGoOn(3, 11);
  }

  @Test
  @Tag("nightly")
  void killedTwentyTimesItEndsWhereAnUninterruptedOneDoes() throws Exception {
    killAndGoOn(20, 12);
  }

  /** Ctrl-C: the update at work is done, its checkpoint is written, no native code crashes. */
  @Test
  void toldToStopItWritesACheckpointAndEnds() throws Exception {
    Path base = scratch.resolve("base");
    Toys.base(base);
    Path run = scratch.resolve("stopped");
    Process process = start(base, run, scratch.resolve("stopped.log"));
    int seen = 0;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals("update") && ++seen == 3) {
          process.toHandle().destroy(); // leaves the stream open that is read here
        }
      }
    }
    assertEquals(143, process.waitFor(), () -> read(scratch.resolve("stopped.log")));
    try (Stream<Path> files = Files.list(scratch)) {
      assertEquals(
          List.of(), files.filter(f -> f.getFileName().toString().startsWith("hs_err")).toList());
    }
    assertTrue(seen < 40, "it ran to its end");
    SafetensorsFile checkpoint = SafetensorsFile.read(run.resolve("checkpoint.safetensors"));
    assertEquals(seen, TrainingState.read(checkpoint).updates());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }

  private void killAndGoOn(int kills, long seed) throws Exception {
    Path base = scratch.resolve("base");
    Toys.base(base);
    TrainingReport whole =
        ResumeMain.train(base, scratch.resolve("whole"), TrainingListener.silent());
    Path run = scratch.resolve("killed");
    Random random = new Random(seed);
    int killed = 0;
    for (int i = 0; i < kills; i++) {
      killed += killAfter(base, run, random.nextInt(40 / kills + 1), random.nextInt(3_000_000));
      if (Files.exists(run.resolve("checkpoint.safetensors"))) {
        SafetensorsFile.read(run.resolve("checkpoint.safetensors")); // never half
      }
    }
    assertTrue(killed > 0, "no process was caught at work");
    TrainingReport again = ResumeMain.train(base, run, TrainingListener.silent());
    assertEquals(whole.updates(), again.updates());
    assertEquals(whole.best().orElseThrow().step(), again.best().orElseThrow().step());
    assertSameAdapters(ModelConfig.read(base), whole.output(), again.output());
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertEquals(Files.readAllLines(scratch.resolve("whole/metrics.jsonl")).size(), lines.size());
  }

  private static void assertSameAdapters(ModelConfig config, Path one, Path other)
      throws IOException {
    LoraAdapter expected = LoraAdapters.read(one, config);
    LoraAdapter found = LoraAdapters.read(other, config);
    expected
        .modules()
        .forEach(
            (module, update) -> {
              assertArrayEquals(
                  Golden.floats(update.a()),
                  Golden.floats(found.modules().get(module).a()),
                  EQUAL,
                  module);
              assertArrayEquals(
                  Golden.floats(update.b()),
                  Golden.floats(found.modules().get(module).b()),
                  EQUAL,
                  module);
            });
  }

  /** Kills a training some nanoseconds after it said that so many updates are done. */
  private int killAfter(Path base, Path run, int updates, int nanos) throws Exception {
    Process process = start(base, run, scratch.resolve("killed.log"));
    try (BufferedReader out =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int seen = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals("update") && seen++ >= updates) {
          for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
            Thread.onSpinWait();
          }
          process.destroyForcibly(); // closes the stream that is read here
          break;
        }
      }
    }
    return process.waitFor() == 0 ? 0 : 1;
  }

  private Process start(Path base, Path run, Path log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            ResumeMain.class.getName(),
            base.toString(),
            run.toString());
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    builder.directory(scratch.toFile()).redirectError(log.toFile());
    return builder.start();
  }
}
