package io.chasqui.djl;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.TrainingException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of one training. */
final class RunDirectory {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String STEP = "step";

  private final Path directory;

  private RunDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes the directory, or goes on with one.
   *
   * @param identity all that the trajectory depends on
   * @throws TrainingException if it holds a training with another identity; names what differs
   */
  static RunDirectory open(Path directory, Map<String, String> identity) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("run.json");
    if (!Files.exists(file)) {
      replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(identity) + "\n");
      return new RunDirectory(directory);
    }
    Map<String, String> before =
        JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
    List<String> different = new ArrayList<>();
    identity.forEach(
        (name, value) -> {
          String other = before.getOrDefault(name, "absent");
          if (!value.equals(other)) {
            different.add("%s was %s, is %s".formatted(name, other, value));
          }
        });
    if (!different.isEmpty()) {
      throw new TrainingException(
          directory
              + " holds another training; go on with its settings, or give another directory: "
              + String.join("; ", different));
    }
    return new RunDirectory(directory);
  }

  Path checkpoint() {
    return directory.resolve("checkpoint.safetensors");
  }

  Path best() {
    return directory.resolve("best.safetensors");
  }

  Path metrics() {
    return directory.resolve("metrics.jsonl");
  }

  Path plot() {
    return directory.resolve("loss.png");
  }

  Path output(String name) {
    return directory.resolve(name);
  }

  /** Drops metrics of updates that the checkpoint has not seen, and a line that was cut. */
  void rewindMetrics(long updates) throws IOException {
    if (!Files.exists(metrics())) {
      return;
    }
    StringBuilder kept = new StringBuilder();
    for (JsonNode line : readMetrics()) {
      if (line.path(STEP).asLong() <= updates) {
        kept.append(line).append('\n');
      }
    }
    replace(metrics(), kept.toString());
  }

  /** All whole lines. */
  List<JsonNode> readMetrics() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    if (Files.exists(metrics())) {
      for (String line : Files.readAllLines(metrics())) {
        if (line.startsWith("{") && line.endsWith("}")) {
          lines.add(JSON.readTree(line));
        }
      }
    }
    return lines;
  }

  void append(StepReport step) throws IOException {
    ObjectNode line = JSON.createObjectNode().put(STEP, step.step());
    line.put("loss", step.loss()).put("gradientNorm", step.gradientNorm());
    line.put("learningRate", step.learningRate()).put("tokens", step.tokens());
    append(line.put("seconds", step.seconds()));
  }

  void append(EvaluationReport evaluation) throws IOException {
    ObjectNode line = JSON.createObjectNode().put(STEP, evaluation.step());
    ObjectNode inner = line.putObject("evaluation").put("loss", evaluation.loss());
    inner.put("mrr", evaluation.mrr()).put("accuracy", evaluation.accuracy());
    append(line);
  }

  private void append(ObjectNode line) throws IOException {
    Files.writeString(metrics(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Fills a directory under another name first, then lets it appear whole. */
  static void publish(Path target, Filling filling) throws IOException {
    Path draft = target.resolveSibling("." + target.getFileName() + ".draft");
    delete(draft);
    Files.createDirectories(draft);
    filling.fill(draft);
    delete(target);
    Files.move(draft, target);
  }

  /** Writes what will be in a directory. */
  @FunctionalInterface
  interface Filling {
    void fill(Path directory) throws IOException;
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void replace(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.writeString(temporary, content);
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
