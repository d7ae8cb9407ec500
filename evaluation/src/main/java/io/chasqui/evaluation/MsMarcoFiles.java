package io.chasqui.evaluation;

import io.chasqui.Document;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * MS MARCO's files, columns between tabs, plain or gzip: collections ({@code pid text}, or {@code
 * docid url title body}), queries ({@code qid text}), qrels ({@code qid 0 pid grade}), runs ({@code
 * qid pid rank}); and collections or queries as JSON lines (MS MARCO v2, Tevatron, Anserini).
 *
 * <p>All readers throw {@link DataFormatException} with file and line, as {@link TrecFiles}.
 *
 * @see <a href="https://microsoft.github.io/msmarco/">MS MARCO</a>
 */
public final class MsMarcoFiles {
  private MsMarcoFiles() {}

  /** The documents of a collection one by one; a document twice is an error. Close the stream. */
  public static Stream<Document> streamCollection(Path file) throws IOException {
    return LineReader.stream(
        file,
        lines ->
            BeirFolder.unique(
                lines,
                "document",
                Document::id,
                isJson(file) ? JsonLines::document : MsMarcoFiles::document));
  }

  /** Queries by id, in the order of the file. */
  public static Map<String, Query> readQueries(Path file) throws IOException {
    Map<String, Query> queries = new LinkedHashMap<>();
    try (Stream<Query> all =
        LineReader.stream(
            file,
            lines ->
                BeirFolder.unique(
                    lines,
                    "query",
                    Query::id,
                    isJson(file) ? JsonLines::query : MsMarcoFiles::query))) {
      all.forEach(query -> queries.put(query.id(), query));
    }
    return queries;
  }

  /** Qrels: TREC's, with tabs. */
  public static Qrels readQrels(Path file) throws IOException {
    return TrecFiles.readQrels(file);
  }

  /**
   * A run in MS MARCO's layout. The score of a document is minus its rank, so that the order is the
   * ranks'. A rank that stands twice under one query is an error.
   */
  public static Run readRun(Path file) throws IOException {
    Run.Builder run = Run.builder(file.getFileName().toString().replaceFirst("\\..*$", ""));
    Map<String, Set<Integer>> ranks = new TreeMap<>();
    try (LineReader lines = LineReader.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          continue;
        }
        List<String> fields = columns(lines, line.get(), "a run", 3);
        int rank = Numbers.rank(lines, fields.get(2));
        if (!ranks.computeIfAbsent(fields.get(0), q -> new HashSet<>()).add(rank)) {
          throw lines.problem("rank " + rank + " is there twice for query " + fields.get(0));
        }
        try {
          run.add(fields.get(0), fields.get(1), -rank);
        } catch (IllegalArgumentException e) {
          throw lines.problem(e);
        }
      }
    }
    return run.build();
  }

  /** Writes a run in MS MARCO's layout: best first, ranks from 1. */
  public static void writeRun(Path file, Run run) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      for (String query : run.queryIds()) {
        List<String> ids = run.ranking(query).ids();
        for (int i = 0; i < ids.size(); i++) {
          out.write(TextOutput.column(query) + "\t" + TextOutput.column(ids.get(i)));
          out.write("\t" + (i + 1) + "\n");
        }
      }
    }
  }

  /** Writes qrels in MS MARCO's layout. */
  public static void writeQrels(Path file, Qrels qrels) throws IOException {
    try (Writer out = TextOutput.open(file)) {
      for (String query : qrels.queryIds()) {
        for (String document : qrels.relevant(query, Integer.MIN_VALUE)) {
          out.write(TextOutput.field(query) + "\t0\t" + TextOutput.field(document));
          out.write("\t" + qrels.judgements(query).get(document) + "\n");
        }
      }
    }
  }

  /**
   * Writes a collection: JSON lines with BEIR's fields if the file's name ends in {@code .jsonl} or
   * {@code .json} (before {@code .gz}), else columns: id and text, or id, an empty url, title and
   * text where there is a title. Columns have no place for metadata.
   *
   * @throws IllegalArgumentException if an id, title or text holds a tab or a line end, which only
   *     JSON can express; names the document
   */
  public static void writeCollection(Path file, Iterator<Document> documents) throws IOException {
    if (isJson(file)) {
      BeirFolder.writeCorpus(file, documents);
      return;
    }
    try (Writer out = TextOutput.open(file)) {
      while (documents.hasNext()) {
        Document document = documents.next();
        String id = TextOutput.column(document.id());
        String text = TextOutput.text("document", id, document.text());
        String title = TextOutput.text("document", id, document.title());
        out.write(title.isEmpty() ? id + "\t" + text : id + "\t\t" + title + "\t" + text);
        out.write("\n");
      }
    }
  }

  /**
   * Writes queries: JSON lines with BEIR's fields, or columns, as {@link #writeCollection} does.
   *
   * @throws IllegalArgumentException if an id or text holds a tab or a line end; names the query
   */
  public static void writeQueries(Path file, Iterator<Query> queries) throws IOException {
    if (isJson(file)) {
      BeirFolder.writeQueries(file, queries);
      return;
    }
    try (Writer out = TextOutput.open(file)) {
      while (queries.hasNext()) {
        Query query = queries.next();
        String id = TextOutput.column(query.id());
        out.write(id + "\t" + TextOutput.text("query", id, query.text()) + "\n");
      }
    }
  }

  private static boolean isJson(Path file) {
    return file.toString().matches(".*\\.jsonl?(\\.gz)?");
  }

  private static Optional<Document> document(LineReader lines, String line) {
    if (line.isBlank()) {
      return Optional.empty();
    }
    List<String> fields = List.of(line.split("\t", -1));
    if ((fields.size() != 2 && fields.size() != 4) || fields.get(0).isEmpty()) {
      throw lines.problem(
          "a collection has two columns between tabs (or four: id, url, title, body), this line has"
              + " "
              + fields.size());
    }
    return Optional.of(
        fields.size() == 2
            ? Document.of(fields.get(0), "", fields.get(1))
            : Document.of(fields.get(0), fields.get(2), fields.get(3)));
  }

  private static Optional<Query> query(LineReader lines, String line) {
    if (line.isBlank()) {
      return Optional.empty();
    }
    List<String> fields = columns(lines, line, "a queries file", 2);
    return Optional.of(Query.of(fields.get(0), fields.get(1)));
  }

  private static List<String> columns(LineReader lines, String line, String what, int count) {
    List<String> fields = List.of(line.split("\t", -1));
    if (fields.size() != count || fields.get(0).isEmpty()) {
      throw lines.problem(
          what + " has " + count + " columns between tabs, this line has " + fields.size());
    }
    return fields;
  }
}
