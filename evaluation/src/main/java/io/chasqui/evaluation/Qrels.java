package io.chasqui.evaluation;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Relevance judgements: for each query the documents that were judged, with their grades. Grade 0
 * is judged and not relevant, higher is better; a negative grade is in the pool but not judged.
 * Immutable.
 */
public final class Qrels {
  private final Map<String, Map<String, Integer>> byQuery;

  private Qrels(Map<String, Map<String, Integer>> byQuery) {
    this.byQuery = byQuery;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The queries with at least one judgement, in the byte order of their ids. */
  public Set<String> queryIds() {
    return byQuery.keySet();
  }

  /** Grades by document id; empty if the query has no judgement. Unmodifiable. */
  public Map<String, Integer> judgements(String queryId) {
    return byQuery.getOrDefault(queryId, Map.of());
  }

  /** The documents of at least this grade, in the byte order of their ids. */
  public List<String> relevant(String queryId, int level) {
    return judgements(queryId).entrySet().stream()
        .filter(e -> e.getValue() >= level)
        .map(Map.Entry::getKey)
        .sorted(ByteOrder.ASCENDING)
        .toList();
  }

  /** Number of judgements over all queries. */
  public int size() {
    return byQuery.values().stream().mapToInt(Map::size).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Qrels qrels && byQuery.equals(qrels.byQuery);
  }

  @Override
  public int hashCode() {
    return byQuery.hashCode();
  }

  @Override
  public String toString() {
    return "Qrels[" + byQuery.size() + " queries, " + size() + " judgements]";
  }

  /** Collects judgements. Confined to one thread. */
  public static final class Builder {
    private final Map<String, Map<String, Integer>> byQuery = new TreeMap<>(ByteOrder.ASCENDING);

    private Builder() {}

    /**
     * Adds one judgement.
     *
     * @throws IllegalArgumentException if an id is empty, or the query has a judgement of this
     *     document already
     */
    public Builder add(String queryId, String documentId, int grade) {
      Run.requireId("query", queryId);
      Run.requireId("document", documentId);
      Integer before =
          byQuery.computeIfAbsent(queryId, q -> new HashMap<>()).putIfAbsent(documentId, grade);
      if (before != null) {
        throw new IllegalArgumentException(
            "document " + documentId + " is judged twice for query " + queryId);
      }
      return this;
    }

    public Qrels build() {
      Map<String, Map<String, Integer>> copy = new TreeMap<>(ByteOrder.ASCENDING);
      byQuery.forEach((query, judged) -> copy.put(query, Map.copyOf(judged)));
      return new Qrels(Collections.unmodifiableMap(copy));
    }
  }
}
