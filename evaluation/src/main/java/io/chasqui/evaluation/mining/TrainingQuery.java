package io.chasqui.evaluation.mining;

import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Query;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A query with the passages that answer it. Immutable.
 *
 * @param id unique among the queries; not empty
 * @param text as the user wrote it
 * @param positives at least one
 */
public record TrainingQuery(String id, String text, List<Passage> positives) {
  public TrainingQuery {
    positives = List.copyOf(positives);
    if (id.isEmpty()) {
      throw new IllegalArgumentException("query id must not be empty");
    }
    if (positives.isEmpty()) {
      throw new IllegalArgumentException("query " + id + " has no positive passage");
    }
  }

  /**
   * The queries of a split that have a relevant document, in the order of the queries file. Holds
   * the relevant documents in memory, not the corpus.
   *
   * @param level lowest grade that is relevant
   * @throws io.chasqui.evaluation.DataFormatException if a judgement names a query or document that
   *     does not exist
   */
  public static List<TrainingQuery> read(BeirFolder beir, String split, int level)
      throws IOException {
    beir.check(split);
    Qrels qrels = beir.qrels(split);
    Set<String> wanted = new HashSet<>();
    qrels.queryIds().forEach(query -> wanted.addAll(qrels.relevant(query, level)));
    Map<String, Passage> relevant = new HashMap<>();
    try (Stream<Document> corpus = beir.corpus()) {
      corpus
          .filter(document -> wanted.contains(document.id()))
          .forEach(document -> relevant.put(document.id(), document.asPassage()));
    }
    List<TrainingQuery> queries = new ArrayList<>();
    for (Query query : beir.queries().values()) {
      List<Passage> positives =
          qrels.relevant(query.id(), level).stream()
              .map(id -> relevant.getOrDefault(id, Passage.of(id, "")))
              .toList();
      if (!positives.isEmpty()) {
        queries.add(new TrainingQuery(query.id(), query.text(), positives));
      }
    }
    return queries;
  }
}
