package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every file of every corpus through its parser: good ones are read, bad ones refused in a typed
 * error, what fuzzing found gives either; in seconds and in a small heap.
 */
class FuzzCorpusIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MOST_BYTES = 20_000;

  @TempDir Path directory;

  static Map<String, byte[]> corpus(FuzzTarget target) throws IOException {
    Map<String, byte[]> corpus = new TreeMap<>();
    try (var files = Files.list(folder(target))) {
      for (Path file : files.toList()) {
        corpus.put(Objects.requireNonNull(file.getFileName()).toString(), Files.readAllBytes(file));
      }
    }
    return corpus;
  }

  private static Path folder(FuzzTarget target) {
    try {
      var url = FuzzCorpusIT.class.getResource("/" + target.folder());
      return Path.of(Objects.requireNonNull(url, target.folder()).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @TestFactory
  List<DynamicTest> everyFileIsReadOrRefused() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (FuzzTarget target : FuzzTarget.values()) {
      corpus(target)
          .forEach(
              (name, input) ->
                  tests.add(
                      DynamicTest.dynamicTest(
                          target.folder() + "/" + name, () -> replay(target, name, input))));
    }
    return tests;
  }

  private void replay(FuzzTarget target, String name, byte[] input) {
    assertTrue(input.length <= MOST_BYTES, "corpora are kept small: " + input.length);
    boolean accepted = assertTimeoutPreemptively(PATIENCE, () -> target.accepts(input, directory));
    switch (name.substring(0, name.indexOf('-'))) {
      case "good" -> assertTrue(accepted, "refused");
      case "bad" -> assertTrue(!accepted, "read");
      case "found" -> {} // either
      default -> throw new AssertionError("begins with neither good, bad nor found");
    }
  }

  /** The seeds that are committed are those that the code makes; fails with a hint if not. */
  @ParameterizedTest
  @EnumSource
  void seedsAreUpToDate(FuzzTarget target) throws IOException {
    Map<String, byte[]> committed = corpus(target);
    committed.keySet().removeIf(name -> name.startsWith("found-"));
    Map<String, byte[]> made = FuzzSeeds.of(target);
    assertEquals(made.keySet(), committed.keySet(), "run FuzzSeeds.main on src/test/resources");
    made.forEach((name, bytes) -> assertArrayEquals(bytes, committed.get(name), name));
  }

  @Test
  void aHeapOfFortyMegabytesIsEnough() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(ReplayMain.class, List.of("-Xmx40m"), directory.toString());
    assertEquals(0, result.exit(), result.output());
    assertTrue(result.output().contains("replayed"), result.output());
  }

  /** All corpora, in a process of its own. */
  static final class ReplayMain {
    public static void main(String[] arguments) throws IOException {
      int replayed = 0;
      for (FuzzTarget target : FuzzTarget.values()) {
        for (byte[] input : corpus(target).values()) {
          target.accepts(input, Path.of(arguments[0]));
          replayed++;
        }
      }
      System.out.println("replayed " + replayed);
    }
  }

  /**
   * Fuzzes for {@code -Dfuzz.seconds} (60) from {@code -Dfuzz.seed} (the clock's). An input that is
   * answered wrongly, or ends the process, is the file that is named first.
   */
  @Tag("nightly")
  @ParameterizedTest
  @EnumSource
  void mutatedCorporaAreReadOrRefused(FuzzTarget target) throws IOException {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Duration time = Duration.ofSeconds(Long.getLong("fuzz.seconds", 60));
    Path last = Path.of("target", target.folder().replace('/', '-') + "-" + seed);
    System.out.println("fuzzing " + target + " from seed " + seed + "; last input: " + last);
    FuzzMutations inputs = new FuzzMutations(List.copyOf(corpus(target).values()), seed);
    long accepted = 0;
    long tries = 0;
    for (long start = System.nanoTime(); System.nanoTime() - start < time.toNanos(); tries++) {
      byte[] input = inputs.next();
      Files.write(last, input);
      if (assertTimeoutPreemptively(PATIENCE, () -> target.accepts(input, directory))) {
        accepted++;
      }
    }
    Files.delete(last);
    System.out.println(target + ": " + tries + " inputs, " + accepted + " of them read");
    assertTrue(accepted > 0 && accepted < tries, accepted + " of " + tries);
  }
}
