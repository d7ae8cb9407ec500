package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.testing.RandomCheckpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not take the JVM down or open a socket, each tried in a JVM of its own. */
class ChildJvmIT {
  @TempDir static Path directory;
  private static Path tiny;
  private static Path slow;

  @BeforeAll
  static void write() throws IOException {
    tiny = directory.resolve("tiny");
    TestBundles.tiny(tiny);
    slow = directory.resolve("slow");
    TestBundles.of(
        slow,
        RandomCheckpoints.Shape.tiny()
            .withWidths(512, 1024)
            .withAttention(8, 8, 64)
            .withLayers(12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"APART", "DYNAMIC"})
  void closingWhileEightThreadsRunHarmsNobody(String batching) throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(directory, CloseRaceMain.class, tiny.toString(), "20", batching);
    assertFine(result);
    assertTrue(result.output().contains("closed 20 times"), result.output());
  }

  @ParameterizedTest
  @CsvSource({
    "first, 0",
    "first, 20",
    "load, 0",
    "load, 5",
    "load, 20",
    "load, 60",
    "load, 120",
    "load, 250",
    "run, 0",
    "run, 10",
    "run, 50",
    "run, 200",
    "joined, 0",
    "joined, 10",
    "joined, 50"
  })
  void exitingAtAnyMomentEndsInOrder(String what, String millis) throws Exception {
    assertFine(ChildJvm.run(directory, ExitRaceMain.class, slow.toString(), what, millis));
  }

  @Test
  void exitingWaitsForWhatLoads() throws Exception {
    ChildJvm.Result result = ChildJvm.run(directory, ExitWaitMain.class);
    assertTrue(result.output().contains("loaded"), result.output());
    assertFine(result);
  }

  @Test
  void loadingAndRunningOpenNoSocket() throws Exception {
    ChildJvm.Result result = ChildJvm.run(directory, SocketWatchMain.class, tiny.toString());
    assertTrue(result.output().contains("sockets []"), result.output());
    assertFine(result);
  }

  @Test
  void theWatchForSocketsSeesOne() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(directory, SocketWatchMain.class, tiny.toString(), "open-one");
    assertEquals(3, result.exitCode(), result.output());
  }

  /**
   * A class path given by -cp stands in the command line, which ONNX Runtime parses at its start.
   */
  @Test
  void aLongCommandLineEndsNobody() throws Exception {
    assertFine(
        ChildJvm.run(
            directory, CloseRaceMain.class, tiny.toString(), "1", "APART", "x".repeat(60_000)));
  }

  private static void assertFine(ChildJvm.Result result) {
    assertFalse(result.crashed(), result.output());
    assertEquals(0, result.exitCode(), result.output());
    assertEquals(List.of(), result.home()); // ONNX Runtime's telemetry would leave an identifier
  }
}
