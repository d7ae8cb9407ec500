package io.chasqui.examples;

import io.chasqui.Document;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.MsMarcoFiles;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Documents, questions and judgements, wherever they lie. Files are opened by each call anew. */
interface TestCollection {
  /** Name for tables and folders: "scifact-test". */
  String name();

  /** What {@link PublishedFigures} knows it as: "scifact", "msmarco-dev". */
  String publishedName();

  /** The documents, to be closed. */
  Stream<Document> corpus() throws IOException;

  /** Texts of the judged questions by id. */
  Map<String, String> queries() throws IOException;

  Qrels qrels() throws IOException;

  /** Fails with file and line if a judgement names a question or document that is not there. */
  void check(Predicate<String> isDocument) throws IOException;

  /** A split of a folder in BEIR's layout. */
  static TestCollection of(BeirFolder beir, String split) {
    String folder = beir.path().toAbsolutePath().normalize().getFileName().toString();
    return new TestCollection() {
      @Override
      public String name() {
        return folder + "-" + split;
      }

      @Override
      public String publishedName() {
        return split.equals("test") ? folder : name();
      }

      @Override
      public Stream<Document> corpus() throws IOException {
        return beir.corpus();
      }

      @Override
      public Map<String, String> queries() throws IOException {
        return beir.queryTexts(split);
      }

      @Override
      public Qrels qrels() throws IOException {
        return beir.qrels(split);
      }

      @Override
      public void check(Predicate<String> isDocument) throws IOException {
        beir.check(split);
      }
    };
  }

  /** Files in the layouts of MS MARCO and TREC. */
  static TestCollection of(String name, Path corpus, Path queries, Path qrels) {
    return new TestCollection() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String publishedName() {
        return name;
      }

      @Override
      public Stream<Document> corpus() throws IOException {
        return MsMarcoFiles.streamCollection(corpus);
      }

      @Override
      public Map<String, String> queries() throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        Qrels judged = qrels();
        MsMarcoFiles.readQueries(queries)
            .forEach(
                (id, query) -> {
                  if (judged.queryIds().contains(id)) {
                    texts.put(id, query.text());
                  }
                });
        return texts;
      }

      @Override
      public Qrels qrels() throws IOException {
        return TrecFiles.readQrels(qrels);
      }

      @Override
      public void check(Predicate<String> isDocument) throws IOException {
        TrecFiles.checkQrels(qrels, MsMarcoFiles.readQueries(queries)::containsKey, isDocument);
      }
    };
  }
}
