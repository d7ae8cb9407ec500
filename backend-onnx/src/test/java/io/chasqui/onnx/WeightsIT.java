package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import io.chasqui.onnx.OnnxOptions.Weights;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sessions do with their weights what was chosen: seen from the memory of a process of its own. */
@EnabledOnOs(OS.LINUX) // reads /proc
class WeightsIT {
  private static final long MANY = 64L << 30; // of which a sixteenth is enough
  private static final long FEW = 512L << 20; // of which it is not
  private static final long COPY = 4L * (4 * 512 * 512 + 3 * 512 * 2048) * 4 / 1024; // kB; 67 MB
  private static final Pattern ANONYMOUS = Pattern.compile("anonymous (\\d+)");

  @TempDir static Path directory;

  @BeforeAll
  static void write() throws Exception {
    Path source = directory.resolve("source");
    TestBundles.of(
        source, Shape.tiny().withWidths(512, 2048).withAttention(8, 8, 64).withLayers(4));
    OnnxExporter.export(TestBundles.read(source), "repllama", directory.resolve("exported"));
  }

  @Test
  void aCheckpointsWeightsAreCopiedOrMapped() throws Exception {
    copiedOnLargeMachines("source", "2");
  }

  @Test
  void anExportedGraphsWeightsAreCopiedOrMapped() throws Exception {
    copiedOnLargeMachines("exported", "0");
  }

  private static void copiedOnLargeMachines(String model, String adapters) throws Exception {
    long mapped = kilobytes(model, adapters, Weights.MAPPED, MANY);
    long copied = kilobytes(model, adapters, Weights.COPIED, FEW);
    long large = kilobytes(model, adapters, Weights.AUTO, MANY);
    long small = kilobytes(model, adapters, Weights.AUTO, FEW);
    String found =
        "%s: mapped %d kB, copied %d kB, on a large machine %d kB, on a small one %d kB"
            .formatted(model, mapped, copied, large, small);
    System.out.println(found);
    assertTrue(copied > mapped + COPY * 0.8, found);
    assertTrue(large > mapped + COPY * 0.8, found);
    assertTrue(small < mapped + COPY * 0.4, found);
  }

  private static long kilobytes(String model, String adapters, Weights weights, long memory)
      throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            directory,
            MemoryProbe.class,
            directory.resolve(model).toString(),
            adapters,
            weights.name(),
            Long.toString(memory));
    assertEquals(0, result.exitCode(), result::output);
    Matcher found = ANONYMOUS.matcher(result.output());
    assertTrue(found.find(), result::output);
    return Long.parseLong(found.group(1));
  }
}
