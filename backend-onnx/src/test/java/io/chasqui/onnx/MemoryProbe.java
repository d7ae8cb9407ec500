package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;

import io.chasqui.Deadline;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A program: loads a random model, runs it, and prints how many kilobytes of anonymous memory the
 * process then has (mapped files not counted; Linux). Arguments: directory; vocabulary, hidden,
 * inner, layers, heads; adapters (0, 1 or 2); rank; COPY or MAPPED.
 */
final class MemoryProbe {
  private MemoryProbe() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    ModelConfig config =
        RandomModels.config(
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]));
    RunnerOptions options = RunnerOptions.defaults().withPrepacking(args[8].equals("COPY"));
    List<ServedRole> roles =
        roles(config, Integer.parseInt(args[6]), Integer.parseInt(args[7]), new Random(1));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, CheckpointWeights.read(directory), roles, options)) {
      roles = List.of(); // the session has its own copy
      Random random = new Random(2);
      for (int i = 0; i < 3; i++) {
        int[] row = random.ints(100, 0, config.vocabularySize()).toArray();
        for (String role : List.of(Fixtures.ENCODER, Fixtures.SCORER)) {
          float[] found = runner.run(new TokenBatch(role, List.of(row), 0), Deadline.none());
          if (Float.isNaN(found[0])) {
            throw new IllegalStateException("NaN");
          }
        }
      }
      System.gc(); // what loading left behind is not what is measured
      System.out.println(anonymousKilobytes()); // the program's result
    }
  }

  private static List<ServedRole> roles(ModelConfig config, int adapters, int rank, Random random) {
    if (adapters == 0) {
      return List.of(served(encoder(PadSide.RIGHT)), served(scorer(PadSide.RIGHT)));
    }
    LoraAdapter first = RandomModels.adapter(config, rank, random);
    LoraAdapter second = adapters == 1 ? first : RandomModels.adapter(config, rank, random);
    return List.of(served(encoder(PadSide.RIGHT), first), served(scorer(PadSide.RIGHT), second));
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
