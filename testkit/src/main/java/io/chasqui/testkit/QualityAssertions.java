package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Assertions on search quality for unit tests: "my change did not hurt search". Judgements are a
 * map from query text to the ids of the passages that answer it.
 *
 * <pre>{@code
 * assertRecallAt(10, 0.95, search, Map.of("how to cancel", Set.of("faq-7")));
 * }</pre>
 *
 * <p>A pipeline is a retriever by lambda. A failure lists the queries that fell short with the
 * passages they missed. For metrics as trec_eval computes them see {@code io.chasqui.evaluation}.
 */
public final class QualityAssertions {
  private static final int QUERIES_SHOWN = 10;

  /** Means of shares are sums of rounded numbers. */
  private static final double ROUNDING = 1e-9;

  private QualityAssertions() {}

  /**
   * Asserts that on average over queries at least this share of the answering passages is among the
   * first k hits.
   *
   * @param k hits per query, at least 1
   * @param atLeast from 0 to 1
   * @param relevant by query text the ids of the answering passages; at least one query, each with
   *     at least one id
   * @throws AssertionError if recall is lower, or a passage stands twice in an answer
   */
  public static void assertRecallAt(
      int k, double atLeast, Retriever retriever, Map<String, Set<String>> relevant) {
    requireShare(atLeast);
    Quality quality = Quality.of(k, retriever, relevant);
    if (quality.recall() < atLeast - ROUNDING) {
      fail(quality.describe("recall@" + k, quality.recall(), atLeast));
    }
  }

  /**
   * Asserts that the reciprocal rank of the first answering passage within the first k hits is on
   * average at least this.
   *
   * @param k hits per query, at least 1
   * @param atLeast from 0 to 1
   * @param relevant as for {@link #assertRecallAt}
   * @throws AssertionError if it is lower, or a passage stands twice in an answer
   */
  public static void assertMrrAt(
      int k, double atLeast, Retriever retriever, Map<String, Set<String>> relevant) {
    requireShare(atLeast);
    Quality quality = Quality.of(k, retriever, relevant);
    if (quality.reciprocalRank() < atLeast - ROUNDING) {
      fail(quality.describe("MRR@" + k, quality.reciprocalRank(), atLeast));
    }
  }

  /**
   * Asserts that a changed retriever has no lower recall than the one before.
   *
   * @param tolerance by how much recall may fall, from 0 to 1
   * @param relevant as for {@link #assertRecallAt}
   * @throws AssertionError if recall fell by more, or a passage stands twice in an answer
   */
  public static void assertRecallNotWorse(
      int k,
      double tolerance,
      Retriever before,
      Retriever after,
      Map<String, Set<String>> relevant) {
    requireShare(tolerance);
    double wanted = Quality.of(k, before, relevant).recall() - tolerance;
    assertRecallAt(k, Math.max(0, wanted), after, relevant);
  }

  private static void requireShare(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("not between 0 and 1: " + value);
    }
  }

  /** What was measured, with one line per query that missed something. */
  private record Quality(double recall, double reciprocalRank, List<String> shortfalls) {
    static Quality of(int k, Retriever retriever, Map<String, Set<String>> relevant) {
      if (relevant.isEmpty() || relevant.values().stream().anyMatch(Set::isEmpty)) {
        throw new IllegalArgumentException(
            "at least one query is needed, and a relevant passage for each: " + relevant);
      }
      double recall = 0;
      double reciprocalRank = 0;
      List<String> shortfalls = new ArrayList<>();
      for (Map.Entry<String, Set<String>> query : relevant.entrySet()) {
        List<String> hits = hits(k, retriever, query.getKey());
        Set<String> missed = new TreeSet<>(query.getValue());
        hits.forEach(missed::remove);
        recall += 1 - missed.size() / (double) query.getValue().size();
        int first = 1;
        while (first <= hits.size() && !query.getValue().contains(hits.get(first - 1))) {
          first++;
        }
        reciprocalRank += first > hits.size() ? 0 : 1.0 / first;
        if (!missed.isEmpty() || first > 1) {
          shortfalls.add("\"" + query.getKey() + "\" missed " + missed + ", found " + hits);
        }
      }
      int queries = relevant.size();
      return new Quality(recall / queries, reciprocalRank / queries, shortfalls);
    }

    private static List<String> hits(int k, Retriever retriever, String query) {
      List<String> ids =
          retriever.retrieve(query, k).stream().limit(k).map(ScoredPassage::id).toList();
      if (ids.stream().distinct().count() < ids.size()) {
        fail("a passage stands twice in the answer to \"" + query + "\": " + ids);
      }
      return ids;
    }

    String describe(String name, double value, double wanted) {
      StringBuilder text =
          new StringBuilder(
              String.format(Locale.ROOT, "%s is %.4f, wanted at least %.4f", name, value, wanted));
      shortfalls.stream().limit(QUERIES_SHOWN).forEach(line -> text.append("\n  ").append(line));
      if (shortfalls.size() > QUERIES_SHOWN) {
        text.append("\n  and ").append(shortfalls.size() - QUERIES_SHOWN).append(" more queries");
      }
      return text.toString();
    }
  }
}
