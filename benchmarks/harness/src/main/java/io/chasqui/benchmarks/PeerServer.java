package io.chasqui.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A peer's main loop. Reads one request a line and answers each with one line:
 *
 * <pre>
 * describe               ok langchain4j 1.19.0, onnxruntime 1.29.0
 * run WORKLOAD           ok
 * write WORKLOAD FILE    ok
 * measure WHAT           ok p50ms=1.5 p99ms=2.25
 * quit                   (the process ends)
 * anything that fails    error IllegalArgumentException: no such workload
 * </pre>
 *
 * The first line, {@code ready}, is sent when the peer is loaded.
 */
public final class PeerServer {
  /** First word of the line that tells that a peer is loaded. */
  static final String READY = "ready";

  static final String OK = "ok";
  static final String ERROR = "error";

  private PeerServer() {}

  /** Makes a peer. */
  @FunctionalInterface
  public interface Factory {
    Peer open() throws Exception;
  }

  /**
   * Serves standard input until it ends. What libraries print goes to standard error from now on.
   */
  public static void serve(Factory factory) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    serve(factory, System.in, answers);
  }

  static void serve(Factory factory, InputStream requests, PrintStream answers) throws IOException {
    try (Peer peer = open(factory, answers);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(requests, StandardCharsets.UTF_8))) {
      answer(answers, READY);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("quit")) {
          return;
        }
        answer(answers, reply(peer, line));
      }
    }
  }

  private static Peer open(Factory factory, PrintStream answers) throws IOException {
    try {
      return factory.open();
    } catch (Exception | LinkageError e) { // whatever a peer's libraries throw is its answer
      answer(answers, failure(e));
      throw new IOException("peer did not load", e);
    }
  }

  private static String reply(Peer peer, String line) {
    String[] words = line.split(" ", 3);
    try {
      switch (words[0]) {
        case "describe" -> {
          return OK + " " + peer.describe();
        }
        case "run" -> peer.run(words[1]);
        case "measure" -> {
          return OK + " " + words(peer.measure(words[1]));
        }
        case "write" -> peer.write(words[1], Path.of(words[2]));
        default -> throw new IllegalArgumentException("no such request: " + line);
      }
      return OK;
    } catch (Exception | LinkageError e) {
      e.printStackTrace();
      return failure(e);
    }
  }

  private static String words(Map<String, Double> figures) {
    return figures.entrySet().stream()
        .map(figure -> figure.getKey() + "=" + figure.getValue())
        .collect(Collectors.joining(" "));
  }

  private static String failure(Throwable e) {
    return ERROR + " " + e.toString().replaceAll("\\s+", " ");
  }

  private static void answer(PrintStream answers, String line) {
    answers.print(line + "\n");
    answers.flush();
  }
}
