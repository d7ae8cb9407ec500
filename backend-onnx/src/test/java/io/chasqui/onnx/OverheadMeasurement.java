package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.PromptEncoder;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.spi.TokenBatch;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measures what scheduling costs and gains against plain runs of the same graph, in one process, in
 * interleaved rounds; prints medians. Not a test.
 *
 * <p>Arguments: a directory for a random model (written if empty), its layers (12 = 110 million
 * parameters), the number of passages, of rounds, of threads; optionally the reranker's limit for a
 * passage in tokens (165; 257 keeps the lengths of the candidates).
 */
final class OverheadMeasurement {
  private static final int CANDIDATES = 24;
  private static final int NAIVE_BATCH = 8;
  private static final Random RANDOM = new Random(3);

  private final ModelSession session;
  private final OnnxModelRunner runner;
  private final OnnxModelRunner oneThread;
  private final PromptEncoder encoderPrompts;
  private final PromptEncoder scorerPrompts;

  private OverheadMeasurement(
      ModelSession session,
      OnnxModelRunner runner,
      OnnxModelRunner oneThread,
      PromptEncoder encoderPrompts,
      PromptEncoder scorerPrompts) {
    this.session = session;
    this.runner = runner;
    this.oneThread = oneThread;
    this.encoderPrompts = encoderPrompts;
    this.scorerPrompts = scorerPrompts;
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    int layers = Integer.parseInt(args[1]);
    int passages = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    int threads = Integer.parseInt(args[4]);
    int pairLimit = args.length > 5 ? Integer.parseInt(args[5]) : 165;
    ModelBundle read = bundle(directory, layers);
    Role reranker = read.role("rankllama");
    ModelBundle bundle =
        read.withRole(
            reranker.withTruncation(new Role.Truncation(reranker.truncation().query(), pairLimit)),
            read.adapterDirectory("rankllama").orElseThrow());
    List<ServedRole> roles = new ArrayList<>();
    for (var role : bundle.roles().values()) {
      roles.add(new ServedRole(role, bundle.adapter(role.name())));
    }
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(threads));
        OnnxModelRunner runner =
            OnnxModelRunner.load(
                bundle.config(),
                bundle.weights(),
                roles,
                RunnerOptions.defaults().withIntraOpThreads(threads));
        OnnxModelRunner oneThread =
            OnnxModelRunner.load(
                bundle.config(), bundle.weights(), roles, RunnerOptions.defaults());
        Tokenizer tokenizer = bundle.openTokenizer()) {
      OverheadMeasurement measurement =
          new OverheadMeasurement(
              session,
              runner,
              oneThread,
              bundle.prompts(tokenizer, "repllama"),
              bundle.prompts(tokenizer, "rankllama"));
      measurement.measure(passages(passages), rounds);
    }
  }

  private static ModelBundle bundle(Path directory, int layers) throws IOException {
    if (Files.exists(directory.resolve("config.json"))) {
      return TestBundles.read(directory);
    }
    return TestBundles.of(
        directory,
        RandomCheckpoints.Shape.tiny()
            .withWidths(768, 2048)
            .withAttention(12, 12, 64)
            .withLayers(layers));
  }

  private void measure(List<Passage> passages, int rounds) {
    Map<String, Runnable> contestants = new LinkedHashMap<>();
    contestants.put("encode: encodePassages", () -> encode(passages));
    contestants.put("encode: plain runs, one by one", () -> plain(runner, passages, 1));
    contestants.put("encode: the same on one thread", () -> plain(oneThread, passages, 1));
    contestants.put("encode: plain runs, padded 8s", () -> plain(runner, passages, NAIVE_BATCH));
    List<Passage> candidates = passages.subList(0, Math.min(CANDIDATES, passages.size()));
    contestants.put("score 24: Scorer", () -> session.scorer("rankllama").score("abc", candidates));
    contestants.put("score 24: plain padded 8s", () -> plainScores(runner, candidates));
    contestants.put("score 24: the same on one thread", () -> plainScores(oneThread, candidates));
    Map<String, double[]> wall = new LinkedHashMap<>();
    Map<String, double[]> cpu = new LinkedHashMap<>();
    for (int round = -1; round < rounds; round++) { // the first warms up
      for (Map.Entry<String, Runnable> contestant : contestants.entrySet()) {
        long cpuStart = cpuNanos();
        long start = System.nanoTime();
        contestant.getValue().run();
        if (round >= 0) {
          wall.computeIfAbsent(contestant.getKey(), k -> new double[rounds])[round] =
              (System.nanoTime() - start) / 1e9;
          cpu.computeIfAbsent(contestant.getKey(), k -> new double[rounds])[round] =
              (cpuNanos() - cpuStart) / 1e9;
        }
      }
    }
    System.out.printf("%-34s %10s %12s%n", "median of " + rounds, "seconds", "CPU seconds");
    wall.forEach(
        (name, seconds) ->
            System.out.printf(
                "%-34s %10.3f %12.3f%n", name, median(seconds), median(cpu.get(name))));
  }

  private void encode(List<Passage> passages) {
    session.encoder("repllama").encodePassages(passages);
  }

  /** Tokenize all, then run in the order of arrival. */
  private void plain(OnnxModelRunner plain, List<Passage> passages, int batch) {
    run(plain, "repllama", encoderPrompts.passages(passages), batch);
  }

  private void plainScores(OnnxModelRunner plain, List<Passage> passages) {
    run(plain, "rankllama", scorerPrompts.pairs("abc", passages), NAIVE_BATCH);
  }

  private static void run(
      OnnxModelRunner plain, String role, List<PreparedInput> inputs, int batch) {
    List<int[]> rows = inputs.stream().map(PreparedInput::ids).toList();
    for (int from = 0; from < rows.size(); from += batch) {
      List<int[]> some = rows.subList(from, Math.min(rows.size(), from + batch));
      plain.run(new TokenBatch(role, padded(some), 0), Deadline.none());
    }
  }

  /** As a batch that pads costs: every row as long as the longest. */
  private static List<int[]> padded(List<int[]> rows) {
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    return rows.stream().map(row -> Arrays.copyOf(row, longest)).toList();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** About 63 to 255 tokens each. */
  private static List<Passage> passages(int count) {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int tokens = 50 + RANDOM.nextInt(193);
      while (text.length() < tokens) {
        text.append((char) ('a' + RANDOM.nextInt(26))).append(RANDOM.nextInt(5) == 0 ? " " : "");
      }
      passages.add(Passage.of("p" + i, text.toString()));
    }
    return passages;
  }
}
