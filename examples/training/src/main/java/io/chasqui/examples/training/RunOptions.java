package io.chasqui.examples.training;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that all training programs share; a picocli mixin. */
final class RunOptions {
  @Option(
      names = {"-w", "--work"},
      paramLabel = "DIR",
      required = true,
      description =
          "Where stages are kept, each under a hash of what it depends on: a run that was stopped"
              + " goes on, and another setting makes new only what depends on it.")
  private Path work = Path.of("");

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Processor threads. Default: all")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of data, weights and order. Default: ${DEFAULT-VALUE}")
  private long seed;

  int threads() {
    return threads;
  }

  long seed() {
    return seed;
  }

  /** Where stages are kept. */
  Path work() {
    return work;
  }

  /** The stages below {@code --work}, which is made if it is not there. */
  Stages stages(PrintWriter out) throws IOException {
    Files.createDirectories(work);
    return new Stages(work, out);
  }
}
