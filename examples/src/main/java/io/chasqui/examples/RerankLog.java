package io.chasqui.examples;

import io.chasqui.ScoredPassage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reranked answers, a line for each question, so that reranking for days can be killed and gone on
 * with: {@code query TAB id TAB score TAB id TAB score…} behind a first line that says how they
 * were made. A line that was cut off by a kill is dropped. Confined to one thread.
 */
final class RerankLog implements AutoCloseable {
  private final Map<String, Map<String, Float>> done = new LinkedHashMap<>();
  private final BufferedWriter out;

  /**
   * Opens a log to go on with, or a new one.
   *
   * @param settings what the scores depend on, on one line
   * @throws IOException if it was made with other settings, or is no such log
   */
  RerankLog(Path file, String settings) throws IOException {
    List<String> kept = new ArrayList<>(List.of(settings));
    if (Files.exists(file)) {
      String text = Files.readString(file);
      List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
      if (!lines.isEmpty() && !lines.get(0).equals(settings)) {
        throw new IOException(
            file + " was made with " + lines.get(0) + ", not " + settings + ": delete it first");
      }
      for (int i = 1; i < lines.size(); i++) {
        read(file, i + 1, lines.get(i));
        kept.add(lines.get(i));
      }
    }
    Files.write(file, kept); // without what was cut off
    out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  private void read(Path file, int number, String line) throws IOException {
    String[] fields = line.split("\t", -1);
    Map<String, Float> scores = new LinkedHashMap<>();
    try {
      for (int i = 1; i < fields.length; i += 2) {
        scores.put(fields[i], Float.parseFloat(fields[i + 1]));
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IOException(file + ":" + number + ": not a reranked answer", e);
    }
    done.put(fields[0], scores);
  }

  /** Scores by passage id, best first, of the questions that are done. */
  Map<String, Map<String, Float>> done() {
    return done;
  }

  void add(String query, List<ScoredPassage> hits) throws IOException {
    StringBuilder line = new StringBuilder(query);
    Map<String, Float> scores = new LinkedHashMap<>();
    for (ScoredPassage hit : hits) {
      line.append('\t').append(hit.id()).append('\t').append(hit.score());
      scores.put(hit.id(), hit.score());
    }
    out.write(line.append('\n').toString());
    out.flush();
    done.put(query, scores);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
