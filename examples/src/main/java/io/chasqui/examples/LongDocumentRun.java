package io.chasqui.examples;

import io.chasqui.Chunker;
import io.chasqui.DocumentPipeline;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.ScoredDocument;
import io.chasqui.SearchRequest;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/**
 * One way to search long documents: its run, and for each hit the passage that decided, in files
 * beside each other. Confined to one thread.
 */
final class LongDocumentRun {
  private static final int BATCH = 64;
  private static final int HITS = 100;

  private final String name;
  private final DocumentPipeline pipeline;
  private final Filter filter;
  private final Path runFile;
  private final Path decidingFile;

  /**
   * Why a document is where it is.
   *
   * @param rank of the document, from 1
   * @param start of the passage in the document's text, in chars; 0 for a whole document
   * @param end after the passage; −1 for a whole document
   */
  record Deciding(
      String query, int rank, String document, String passage, long start, long end, float score) {
    static Deciding of(String query, int rank, ScoredDocument hit) {
      Metadata metadata = hit.passage().passage().metadata();
      long start = number(metadata, Chunker.START, 0);
      long end = number(metadata, Chunker.END, -1);
      return new Deciding(query, rank, hit.id(), hit.passage().id(), start, end, hit.score());
    }

    private static long number(Metadata metadata, String name, long absent) {
      return metadata.get(name).map(value -> ((Number) value).longValue()).orElse(absent);
    }

    String line() {
      return String.join(
          "\t",
          query,
          Integer.toString(rank),
          document,
          passage,
          Long.toString(start),
          Long.toString(end),
          Float.toString(score));
    }

    static Deciding parse(String line) {
      String[] f = line.split("\t", -1);
      return new Deciding(
          f[0],
          Integer.parseInt(f[1]),
          f[2],
          f[3],
          Long.parseLong(f[4]),
          Long.parseLong(f[5]),
          Float.parseFloat(f[6]));
    }
  }

  LongDocumentRun(String name, DocumentPipeline pipeline, Filter filter, Path folder) {
    this.name = name;
    this.pipeline = pipeline;
    this.filter = filter;
    this.runFile = folder.resolve(name + ".run.gz");
    this.decidingFile = folder.resolve(name + ".deciding.tsv");
  }

  String name() {
    return name;
  }

  /** The run: read if it is there, else made and written. */
  Run read(Map<String, String> queries) throws IOException {
    if (!Files.exists(runFile)) {
      make(queries);
    }
    return TrecFiles.readRun(runFile);
  }

  private void make(Map<String, String> queries) throws IOException {
    Run.Builder run = Run.builder(name);
    List<String> lines = new ArrayList<>();
    List<Map.Entry<String, String>> all = List.copyOf(queries.entrySet());
    try (ProgressBar bar = Terminal.progressBar(name, all.size()).build()) {
      for (int from = 0; from < all.size(); from += BATCH) {
        List<Map.Entry<String, String>> batch =
            all.subList(from, Math.min(all.size(), from + BATCH));
        List<List<ScoredDocument>> answers =
            pipeline.searchAll(
                batch.stream()
                    .map(query -> SearchRequest.of(query.getValue(), HITS).withFilter(filter))
                    .toList());
        for (int i = 0; i < batch.size(); i++) {
          String query = batch.get(i).getKey();
          run.addDocuments(query, answers.get(i));
          int rank = 1;
          for (ScoredDocument hit : answers.get(i)) {
            lines.add(Deciding.of(query, rank++, hit).line());
          }
        }
        bar.stepTo(from + batch.size());
      }
    }
    Files.write(decidingFile, lines);
    TrecFiles.writeRun(runFile, run.build()); // last: it says that all is there
  }

  /** What decided on the best documents of the first questions. */
  List<Deciding> deciding(int questions) throws IOException {
    return best().stream().limit(questions).toList();
  }

  private List<Deciding> best() throws IOException {
    return Files.readAllLines(decidingFile).stream()
        .map(Deciding::parse)
        .filter(decided -> decided.rank() == 1)
        .toList();
  }

  /** How often it was not the beginning of the document that decided. */
  String describeDeciding() throws IOException {
    List<Deciding> best = best();
    long later = best.stream().filter(decided -> decided.start() > 0).count();
    return String.format(
        Locale.ROOT,
        "%s: of %d best documents, %d were decided by another passage than the first (%s)",
        name,
        best.size(),
        later,
        decidingFile);
  }
}
