package io.chasqui.evaluation;

import io.chasqui.Retriever;
import io.chasqui.ScoredDocument;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * What a system answered to a set of queries: for each query documents with scores. The scores
 * decide the order, equal scores the document ids (see {@link Evaluator}); ranks are not kept.
 * Immutable.
 */
public final class Run {
  private static final int BATCH = 64;

  private final String name;
  private final Map<String, Ranking> rankings;

  private Run(String name, Map<String, Ranking> rankings) {
    this.name = name;
    this.rankings = rankings;
  }

  /**
   * An empty run.
   *
   * @param name of the system, for reports and the last column of TREC files
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * The answers of a retriever (or of a pipeline: {@code request -> pipeline.search(request)}).
   * Asks in batches of 64 queries.
   *
   * @param queries texts by query id
   * @param k hits per query
   */
  public static Run of(String name, Retriever retriever, Map<String, String> queries, int k) {
    return of(name, retriever, queries, k, done -> {});
  }

  /**
   * {@link #of(String, Retriever, Map, int)}, followed.
   *
   * @param progress told the number of queries done, after each batch
   */
  public static Run of(
      String name, Retriever retriever, Map<String, String> queries, int k, LongConsumer progress) {
    Builder run = builder(name);
    List<Map.Entry<String, String>> all = List.copyOf(queries.entrySet());
    for (int from = 0; from < all.size(); from += BATCH) {
      List<Map.Entry<String, String>> batch = all.subList(from, Math.min(from + BATCH, all.size()));
      List<SearchRequest> requests =
          batch.stream().map(e -> SearchRequest.of(e.getValue(), k)).toList();
      List<List<ScoredPassage>> answers = retriever.retrieveAll(requests);
      if (answers.size() != batch.size()) {
        throw new IllegalStateException(
            "the retriever gave " + answers.size() + " answers to " + batch.size() + " queries");
      }
      for (int i = 0; i < batch.size(); i++) {
        run.add(batch.get(i).getKey(), answers.get(i));
      }
      progress.accept(from + batch.size());
    }
    return run.build();
  }

  /** Name of the system. */
  public String name() {
    return name;
  }

  /** The queries with at least one document, in the order given. */
  public Set<String> queryIds() {
    return rankings.keySet();
  }

  /** The documents of a query, best first by trec_eval's order; empty if it has none. */
  public Ranking ranking(String queryId) {
    return rankings.getOrDefault(queryId, Ranking.EMPTY);
  }

  /** Number of documents over all queries. */
  public long size() {
    return rankings.values().stream().mapToLong(Ranking::size).sum();
  }

  @Override
  public String toString() {
    return "Run[" + name + ", " + rankings.size() + " queries, " + size() + " documents]";
  }

  static void requireId(String what, String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException(what + " id must not be empty");
    }
  }

  /** Collects answers. Confined to one thread. */
  public static final class Builder {
    private String name;
    private final Map<String, Ranking.Builder> rankings = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    /**
     * Adds one document to a query's answer.
     *
     * @param score higher is better; not NaN or infinite
     * @throws IllegalArgumentException if the query has this document already, an id is empty, or
     *     the score is not finite
     */
    public Builder add(String queryId, String documentId, double score) {
      requireId("query", queryId);
      requireId("document", documentId);
      if (!Double.isFinite(score)) {
        throw new IllegalArgumentException(
            "score of document " + documentId + " for query " + queryId + " is " + score);
      }
      if (!rankings.computeIfAbsent(queryId, q -> new Ranking.Builder()).add(documentId, score)) {
        throw new IllegalArgumentException(
            "document " + documentId + " is ranked twice for query " + queryId);
      }
      return this;
    }

    /** Adds a retriever's or pipeline's answer, with passage ids as document ids. */
    public Builder add(String queryId, List<ScoredPassage> hits) {
      hits.forEach(hit -> add(queryId, hit.id(), hit.score()));
      return this;
    }

    /** Adds an answer that was aggregated to documents. */
    public Builder addDocuments(String queryId, List<ScoredDocument> hits) {
      hits.forEach(hit -> add(queryId, hit.id(), hit.score()));
      return this;
    }

    /**
     * Adds an answer whose order alone counts: the n-th document gets the score −n, so that no tie
     * is broken by id.
     */
    public Builder addInOrder(String queryId, List<String> documentIds) {
      for (int i = 0; i < documentIds.size(); i++) {
        add(queryId, documentIds.get(i), -(i + 1.0));
      }
      return this;
    }

    /** A reader learns a run's name from its lines. */
    void named(String name) {
      this.name = name;
    }

    public Run build() {
      Map<String, Ranking> built = new LinkedHashMap<>();
      rankings.forEach((query, ranking) -> built.put(query, ranking.build()));
      return new Run(name, Collections.unmodifiableMap(built));
    }
  }
}
