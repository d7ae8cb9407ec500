package io.chasqui.examples.training;

import io.chasqui.Document;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Query;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Questions that people ask, written by hand, about libraries of the training set: what a recipe is
 * chosen by, so that the questions about the held-out library choose nothing. Queries that are made
 * of the texts can't do that, as a model that does well on them may do badly on questions.
 *
 * <p>The texts are among those that the model is trained on; the questions are not.
 */
final class CommonsQuestions {
  private static final String FILE = "commons-questions.tsv";
  private static final Set<String> LIBRARIES =
      Set.of(
          "commons-lang3", "commons-io", "commons-collections4", "commons-text", "commons-codec");

  private CommonsQuestions() {}

  /**
   * Writes a BEIR folder with the split "test". A passage answers a question if it is about a
   * member that the list names; all overloads are.
   *
   * @param corpus of the training set
   * @param target existing folder
   */
  static void write(BeirFolder corpus, Path target) throws IOException {
    List<Document> documents;
    try (Stream<Document> all = corpus.corpus()) {
      documents =
          all.filter(d -> LIBRARIES.contains(d.id().substring(0, Math.max(0, d.id().indexOf(':')))))
              .map(d -> Document.of(d.id(), BareTitles.bare(d.title()), d.text()))
              .toList();
    }
    List<Query> queries = new ArrayList<>();
    Qrels.Builder qrels = Qrels.builder();
    for (String line : lines()) {
      String[] fields = line.split("\t", 2);
      Set<String> answers = Set.of(fields[1].split(" ", 0));
      String id = "c" + (queries.size() + 1);
      List<Document> found =
          documents.stream().filter(document -> answers.contains(document.title())).toList();
      if (!found.isEmpty()) {
        queries.add(Query.of(id, fields[0]));
        found.forEach(document -> qrels.add(id, document.id(), 1));
      }
    }
    BeirFolder.writeCorpus(target.resolve("corpus.jsonl"), documents.iterator());
    BeirFolder.writeQueries(target.resolve("queries.jsonl"), queries.iterator());
    Files.createDirectories(target.resolve("qrels"));
    BeirFolder.writeQrels(target.resolve("qrels").resolve("test.tsv"), qrels.build());
  }

  private static List<String> lines() throws IOException {
    try (InputStream in = CommonsQuestions.class.getResourceAsStream(FILE);
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(in, FILE), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }
}
