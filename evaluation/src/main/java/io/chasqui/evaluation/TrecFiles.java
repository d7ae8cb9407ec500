package io.chasqui.evaluation;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * TREC's files: runs ({@code query Q0 document rank score name}) and qrels ({@code query 0 document
 * grade}), columns between white space, UTF-8; gzip is read whatever the file's name, and written
 * if it ends in {@code .gz}. Blank lines and lines that begin with {@code #} are skipped.
 *
 * <p>All readers throw {@link DataFormatException} with file and line for a wrong number of
 * columns, a score or grade that is no finite number, text that is not UTF-8, damaged gzip data,
 * and (as trec_eval) a document that stands twice under one query.
 */
public final class TrecFiles {
  private TrecFiles() {}

  /**
   * One line of a run.
   *
   * @param rank as written; nothing uses it, the score decides
   */
  public record RunLine(
      String queryId, String documentId, String rank, double score, String runName) {}

  /**
   * One line of qrels.
   *
   * @param grade negative: in the pool, not judged
   */
  public record QrelsLine(String queryId, String documentId, int grade) {}

  /** A run, held in memory; its name is that of its last line, "" if it is empty. */
  public static Run readRun(Path file) throws IOException {
    Run.Builder run = Run.builder("");
    try (LineReader lines = LineReader.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        Optional<RunLine> parsed = parseRun(lines, line.get());
        if (parsed.isPresent()) {
          RunLine entry = parsed.get();
          run.named(entry.runName());
          try {
            run.add(entry.queryId(), entry.documentId(), entry.score());
          } catch (IllegalArgumentException e) {
            throw lines.problem(e);
          }
        }
      }
    }
    return run.build();
  }

  /** The lines of a run one by one, for files larger than memory. Close the stream. */
  public static Stream<RunLine> streamRun(Path file) throws IOException {
    return LineReader.stream(file, lines -> line -> parseRun(lines, line));
  }

  /** Qrels, held in memory. */
  public static Qrels readQrels(Path file) throws IOException {
    Qrels.Builder qrels = Qrels.builder();
    try (LineReader lines = LineReader.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        Optional<QrelsLine> parsed = parseQrels(lines, line.get());
        if (parsed.isPresent()) {
          addJudgement(qrels, parsed.get(), lines);
        }
      }
    }
    return qrels.build();
  }

  /** The lines of qrels one by one. Close the stream. */
  public static Stream<QrelsLine> streamQrels(Path file) throws IOException {
    return LineReader.stream(file, lines -> line -> parseQrels(lines, line));
  }

  /**
   * Checks that each judgement of a file names a query and a document that exist.
   *
   * @throws DataFormatException with the line of the first judgement that does not
   */
  public static void checkQrels(Path file, Predicate<String> isQuery, Predicate<String> isDocument)
      throws IOException {
    try (LineReader lines = LineReader.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        Optional<QrelsLine> parsed = parseQrels(lines, line.get());
        if (parsed.isPresent()) {
          requireExisting(lines, parsed.get(), isQuery, isDocument);
        }
      }
    }
  }

  static void requireExisting(
      LineReader lines, QrelsLine line, Predicate<String> isQuery, Predicate<String> isDocument) {
    if (!isQuery.test(line.queryId())) {
      throw lines.problem("no such query: " + line.queryId());
    }
    if (!isDocument.test(line.documentId())) {
      throw lines.problem("no such document: " + line.documentId());
    }
  }

  static void addJudgement(Qrels.Builder qrels, QrelsLine line, LineReader lines) {
    try {
      qrels.add(line.queryId(), line.documentId(), line.grade());
    } catch (IllegalArgumentException e) {
      throw lines.problem(e);
    }
  }

  private static Optional<RunLine> parseRun(LineReader lines, String line) {
    List<String> fields = fields(line);
    if (isSkipped(fields)) {
      return Optional.empty();
    }
    // trec_eval ignores what follows the name.
    if (fields.size() < 6) {
      throw lines.problem("a run has six columns, this line has " + fields.size());
    }
    double score = Numbers.score(lines, fields.get(4));
    return Optional.of(
        new RunLine(fields.get(0), fields.get(2), fields.get(3), score, fields.get(5)));
  }

  private static Optional<QrelsLine> parseQrels(LineReader lines, String line) {
    List<String> fields = fields(line);
    if (isSkipped(fields)) {
      return Optional.empty();
    }
    if (fields.size() != 4) {
      throw lines.problem("qrels have four columns, this line has " + fields.size());
    }
    return Optional.of(
        new QrelsLine(fields.get(0), fields.get(2), Numbers.grade(lines, fields.get(3))));
  }

  private static boolean isSkipped(List<String> fields) {
    return fields.isEmpty() || fields.get(0).startsWith("#");
  }

  /** The fields between what C's isspace accepts: no-break spaces belong to ids. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>(6);
    int start = -1;
    for (int i = 0; i <= line.length(); i++) {
      char c = i < line.length() ? line.charAt(i) : ' ';
      boolean space = c == ' ' || (c >= '\t' && c <= '\r');
      if (space && start >= 0) {
        fields.add(line.substring(start, i));
        start = -1;
      } else if (!space && start < 0) {
        start = i;
      }
    }
    return fields;
  }

  /**
   * Writes a run, best documents first, ranks from 1, scores so that they read back as they are.
   *
   * @throws IllegalArgumentException if an id or the run's name is empty or has white space
   */
  public static void writeRun(Path file, Run run) throws IOException {
    String name = TextOutput.field(run.name());
    try (Writer out = TextOutput.open(file)) {
      for (String query : run.queryIds()) {
        Ranking ranking = run.ranking(query);
        for (int i = 0; i < ranking.size(); i++) {
          out.write(TextOutput.field(query) + " Q0 " + TextOutput.field(ranking.id(i)));
          out.write(" " + (i + 1) + " " + ranking.score(i) + " " + name + "\n");
        }
      }
    }
  }

  /**
   * Writes qrels, by the byte order of query and document ids.
   *
   * @throws IllegalArgumentException if an id has white space
   */
  public static void writeQrels(Path file, Qrels qrels) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      for (String query : qrels.queryIds()) {
        for (String document : qrels.relevant(query, Integer.MIN_VALUE)) {
          out.write(TextOutput.field(query) + " 0 " + TextOutput.field(document));
          out.write(" " + qrels.judgements(query).get(document) + "\n");
        }
      }
    }
  }
}
