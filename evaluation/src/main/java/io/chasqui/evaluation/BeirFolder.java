package io.chasqui.evaluation;

import io.chasqui.Document;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A test collection in BEIR's layout: {@code corpus.jsonl}, {@code queries.jsonl} and {@code
 * qrels/SPLIT.tsv}, each plain or with {@code .gz} behind its name (the plain file wins).
 * Immutable; files are opened by each call anew.
 *
 * <p>All readers throw {@link DataFormatException} with file and line for what is not JSON, lacks a
 * field, has a wrong number of columns or stands there twice.
 *
 * @see <a href="https://github.com/beir-cellar/beir">BEIR</a>
 */
public final class BeirFolder {
  private static final String HEADER = "query-id\tcorpus-id\tscore";

  private final Path folder;

  private BeirFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a collection.
   *
   * @throws NoSuchFileException if it has no corpus or no queries
   */
  public static BeirFolder open(Path folder) throws IOException {
    BeirFolder beir = new BeirFolder(folder);
    beir.file("corpus.jsonl");
    beir.file("queries.jsonl");
    return beir;
  }

  public Path path() {
    return folder;
  }

  /** The documents one by one, in the order of the file; a document twice is an error. Close it. */
  public Stream<Document> corpus() throws IOException {
    return LineReader.stream(
        file("corpus.jsonl"),
        lines -> unique(lines, "document", Document::id, JsonLines::document));
  }

  /** The queries of all splits by id, in the order of the file. */
  public Map<String, Query> queries() throws IOException {
    Map<String, Query> queries = new LinkedHashMap<>();
    try (Stream<Query> all =
        LineReader.stream(
            file("queries.jsonl"), lines -> unique(lines, "query", Query::id, JsonLines::query))) {
      all.forEach(query -> queries.put(query.id(), query));
    }
    return queries;
  }

  /**
   * The texts of a split's judged queries by id, in the order of the queries file: what to search
   * for.
   */
  public Map<String, String> queryTexts(String split) throws IOException {
    Set<String> judged = qrels(split).queryIds();
    Map<String, String> texts = new LinkedHashMap<>();
    queries()
        .forEach(
            (id, query) -> {
              if (judged.contains(id)) {
                texts.put(id, query.text());
              }
            });
    return texts;
  }

  /** Names of the splits that have judgements ("dev", "test", "train"), sorted. */
  public List<String> splits() throws IOException {
    Path qrels = folder.resolve("qrels");
    if (!Files.isDirectory(qrels)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(qrels)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".tsv") || name.endsWith(".tsv.gz"))
          .map(name -> name.replaceFirst("\\.tsv(\\.gz)?$", ""))
          .distinct()
          .sorted()
          .toList();
    }
  }

  /**
   * The judgements of a split.
   *
   * @throws NoSuchFileException if there is no such split
   */
  public Qrels qrels(String split) throws IOException {
    Qrels.Builder qrels = Qrels.builder();
    eachJudgement(split, (lines, line) -> TrecFiles.addJudgement(qrels, line, lines));
    return qrels.build();
  }

  /**
   * Checks that each judgement of a split names a query and a document that exist. Reads the whole
   * corpus and holds its ids in memory.
   *
   * @throws DataFormatException with the line of the first judgement that does not
   */
  public void check(String split) throws IOException {
    Set<String> queries = queries().keySet();
    Set<String> documents = new HashSet<>();
    try (Stream<Document> corpus = corpus()) {
      corpus.forEach(document -> documents.add(document.id()));
    }
    eachJudgement(
        split,
        (lines, line) ->
            TrecFiles.requireExisting(lines, line, queries::contains, documents::contains));
  }

  private interface JudgementSink {
    void accept(LineReader lines, TrecFiles.QrelsLine line);
  }

  private void eachJudgement(String split, JudgementSink sink) throws IOException {
    try (LineReader lines = LineReader.open(file("qrels/" + split + ".tsv"))) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        List<String> fields = List.of(line.get().split("\t", -1));
        boolean header = lines.number() == 1 && line.get().strip().equals(HEADER);
        if (header || line.get().isBlank()) {
          continue;
        }
        if (fields.size() != 3) {
          throw lines.problem(
              "judgements have three columns between tabs, this line has " + fields.size());
        }
        int grade = Numbers.grade(lines, fields.get(2).strip());
        sink.accept(lines, new TrecFiles.QrelsLine(fields.get(0), fields.get(1), grade));
      }
    }
  }

  /** Writes a corpus, replacing what is there. */
  public static void writeCorpus(Path file, Iterator<Document> documents) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      while (documents.hasNext()) {
        out.write(JsonLines.write(documents.next()) + "\n");
      }
    }
  }

  /** Writes queries, replacing what is there. */
  public static void writeQueries(Path file, Iterator<Query> queries) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      while (queries.hasNext()) {
        out.write(JsonLines.write(queries.next()) + "\n");
      }
    }
  }

  /** Writes judgements with BEIR's header, by the byte order of their ids. */
  public static void writeQrels(Path file, Qrels qrels) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      out.write(HEADER + "\n");
      for (String query : qrels.queryIds()) {
        for (String document : qrels.relevant(query, Integer.MIN_VALUE)) {
          out.write(TextOutput.column(query) + "\t" + TextOutput.column(document));
          out.write("\t" + qrels.judgements(query).get(document) + "\n");
        }
      }
    }
  }

  /** Wraps a parser so that it refuses an id that was there before. */
  static <T> LineReader.Parser<T> unique(
      LineReader lines, String what, Function<T, String> id, Parser<T> parser) {
    Set<String> seen = new HashSet<>();
    return line -> {
      Optional<T> value = parser.parse(lines, line);
      if (value.isPresent() && !seen.add(id.apply(value.get()))) {
        throw lines.problem(what + " " + id.apply(value.get()) + " is there twice");
      }
      return value;
    };
  }

  interface Parser<T> {
    Optional<T> parse(LineReader lines, String line);
  }

  private Path file(String name) throws IOException {
    Path plain = folder.resolve(name);
    Path gzip = folder.resolve(name + ".gz");
    if (!Files.exists(plain) && !Files.exists(gzip)) {
      throw new NoSuchFileException(plain.toString(), null, "nor with .gz behind its name");
    }
    return Files.exists(plain) ? plain : gzip;
  }
}
