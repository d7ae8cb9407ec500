package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A program: loads a model as users do, runs it, and prints how many kilobytes of anonymous memory
 * the process then has (mapped files not counted; Linux). Arguments: the directory that {@link
 * TestBundles} wrote; the number of adapters, 1 (encoder) or 2 (encoder and scorer), or 0 for a
 * directory with a card of its own; the choice of {@link OnnxOptions.Weights}; and if the machine
 * is to be taken for another one, how many bytes it has.
 */
final class MemoryProbe {
  private static final List<Passage> PASSAGES =
      List.of(Passage.of("a", "lorem ipsum ".repeat(20)), Passage.of("b", "dolor sit ".repeat(9)));

  private MemoryProbe() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    boolean both = args[1].equals("2");
    ModelBundle bundle = bundle(directory, args[1]);
    OnnxOptions options = OnnxOptions.defaults().withWeights(OnnxOptions.Weights.valueOf(args[2]));
    long memory = args.length > 3 ? Long.parseLong(args[3]) : Schedule.machineMemory();
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(2), options, memory)) {
      for (int i = 0; i < 3; i++) {
        require(session.encoder("repllama").encodePassages(PASSAGES).row(0)[0]);
        if (both) {
          require(session.scorer("rankllama").score("amet", PASSAGES).score(0));
        }
      }
      System.gc(); // what loading left behind is not what is measured
      System.out.println("anonymous " + anonymousKilobytes());
    }
  }

  private static ModelBundle bundle(Path directory, String adapters) throws IOException {
    return switch (adapters) {
      case "0" -> ModelBundle.read(directory);
      case "1" ->
          ModelBundle.read(directory)
              .withRole(Presets.named("repllama-v1"), directory.resolve("rep"));
      default -> TestBundles.read(directory);
    };
  }

  private static void require(float output) {
    if (Float.isNaN(output)) {
      throw new IllegalStateException("NaN");
    }
  }

  private static long anonymousKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"))) {
      if (line.toLowerCase(Locale.ROOT).startsWith("anonymous:")) {
        return Long.parseLong(line.replaceAll("\\D+", ""));
      }
    }
    throw new IllegalStateException("no such line");
  }
}
