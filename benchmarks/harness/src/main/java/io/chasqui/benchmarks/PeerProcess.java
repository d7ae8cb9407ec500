package io.chasqui.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A peer as a process of its own, driven over its standard input and output (see {@link
 * PeerServer}). Its standard error is appended to a file. Used by one thread.
 */
final class PeerProcess implements AutoCloseable {
  private static final int SECONDS_TO_QUIT = 10;

  private final String name;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final ProcessMeter meter;
  private final Path log;
  private final double loadSeconds;
  private final String description;

  private PeerProcess(PeerCommand command, Process process, Path log, long start)
      throws IOException {
    this.name = command.name();
    this.process = process;
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.meter = new ProcessMeter(process.toHandle());
    this.log = log;
    expect(PeerServer.READY);
    this.loadSeconds = (System.nanoTime() - start) / 1e9;
    this.description = request("describe");
  }

  /**
   * Starts a peer and waits until it is loaded.
   *
   * @param log for its standard error
   * @throws PeerException if it does not load
   */
  static PeerProcess start(PeerCommand command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command.command());
    builder.environment().putAll(command.environment());
    builder.directory(command.directory().toAbsolutePath().toFile());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    long start = System.nanoTime();
    Process process = builder.start();
    try {
      return new PeerProcess(command, process, log, start);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  String name() {
    return name;
  }

  /** Libraries and versions. */
  String description() {
    return description;
  }

  /** From the start of the process until it was ready. */
  double loadSeconds() {
    return loadSeconds;
  }

  ProcessMeter meter() {
    return meter;
  }

  /** Does a workload once, and says what it took. */
  Cost run(String workload) throws IOException {
    double cpu = meter.cpuSeconds();
    long start = System.nanoTime();
    request("run " + workload);
    double wall = (System.nanoTime() - start) / 1e9;
    return new Cost(wall, meter.cpuSeconds() - cpu);
  }

  /** Does a workload once and reads its results. */
  float[][] results(String workload, Path file) throws IOException {
    request("write " + workload + " " + file.toAbsolutePath());
    return Vectors.read(file);
  }

  /** Lets the peer measure something itself. */
  Map<String, Double> measure(String what) throws IOException {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (String figure : request("measure " + what).split(" ", -1)) {
      int equals = figure.indexOf('=');
      figures.put(figure.substring(0, equals), Double.valueOf(figure.substring(equals + 1)));
    }
    return figures;
  }

  private String request(String line) throws IOException {
    requests.write(line + "\n");
    requests.flush();
    return expect(PeerServer.OK);
  }

  private String expect(String word) throws IOException {
    String line = answers.readLine();
    if (line != null && line.startsWith(word)) {
      return line.substring(word.length()).strip();
    }
    throw new PeerException(
        name + (line == null ? " ended" : ": " + line) + "; its standard error is in " + log);
  }

  /** Asks it to end; ends it if it does not. */
  @Override
  public void close() throws IOException {
    try {
      requests.write("quit\n");
      requests.flush();
    } catch (IOException e) {
      process.destroyForcibly(); // has ended, or is about to
    }
    try {
      if (!process.waitFor(SECONDS_TO_QUIT, TimeUnit.SECONDS)) {
        int unused = process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
