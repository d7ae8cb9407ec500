package io.chasqui.evaluation;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A measure of one query's ranking, and how it is put together over queries. Values are trec_eval
 * 10.0's; so are the names, where trec_eval has the measure. Immutable, equal by name.
 */
public final class Metric {

  private static final int ALL = Integer.MAX_VALUE;
  private static final Pattern WITH_CUT = Pattern.compile("(.+?)[_.@]([1-9][0-9]{0,8})");

  private final String name;
  private final boolean count;
  private final ToDoubleFunction<JudgedRanking> measure;

  private Metric(String name, boolean count, ToDoubleFunction<JudgedRanking> measure) {
    this.name = name;
    this.count = count;
    this.measure = measure;
  }

  private static Metric mean(String name, ToDoubleFunction<JudgedRanking> measure) {
    return new Metric(name, false, measure);
  }

  private static Metric count(String name, ToDoubleFunction<JudgedRanking> measure) {
    return new Metric(name, true, measure);
  }

  private static Metric cut(String name, int k, ToDoubleFunction<JudgedRanking> measure) {
    if (k < 1) {
      throw new IllegalArgumentException("cutoff of " + name + " must be positive: " + k);
    }
    return mean(name + "_" + k, measure);
  }

  /**
   * nDCG of the first k documents with the grade as gain (trec_eval's {@code ndcg_cut_k}): the
   * measure of BEIR and of most papers at k = 10.
   */
  public static Metric ndcg(int k) {
    return cut("ndcg_cut", k, r -> Measures.ndcg(r, k));
  }

  /** nDCG of the whole ranking. */
  public static Metric ndcg() {
    return mean("ndcg", r -> Measures.ndcg(r, ALL));
  }

  /** Reciprocal rank of the first relevant document if it is among the first k, else 0. */
  public static Metric mrr(int k) {
    return cut("recip_rank", k, r -> Measures.reciprocalRank(r, k));
  }

  /** Reciprocal rank of the first relevant document. */
  public static Metric mrr() {
    return mean("recip_rank", r -> Measures.reciprocalRank(r, ALL));
  }

  /**
   * Reciprocal rank by the convention of MS MARCO's own script: each judged document is relevant,
   * whatever its grade. Equals {@link #mrr(int)} where all grades are positive.
   */
  public static Metric msMarcoMrr(int k) {
    return cut("msmarco_mrr", k, r -> Measures.msMarcoReciprocalRank(r, k));
  }

  /** Share of the relevant documents that are among the first k. */
  public static Metric recall(int k) {
    return cut("recall", k, r -> Measures.recall(r, k));
  }

  /** Share of relevant documents among the first k. */
  public static Metric precision(int k) {
    return cut("P", k, r -> Measures.precision(r, k));
  }

  /** Average precision of the whole ranking. */
  public static Metric map() {
    return mean("map", r -> Measures.averagePrecision(r, ALL));
  }

  /** Average precision of the first k documents. */
  public static Metric map(int k) {
    return cut("map_cut", k, r -> Measures.averagePrecision(r, k));
  }

  /** Precision after R documents, where R is the number of relevant ones. */
  public static Metric rPrecision() {
    return mean("Rprec", Measures::rPrecision);
  }

  /** Binary preference: looks at judged documents only. */
  public static Metric bpref() {
    return mean("bpref", Measures::bpref);
  }

  /** 1 if a relevant document is among the first k, else 0. */
  public static Metric success(int k) {
    return cut("success", k, r -> Measures.success(r, k));
  }

  /** Number of queries. */
  public static Metric queryCount() {
    return count("num_q", r -> 1);
  }

  /** Number of documents retrieved. */
  public static Metric retrievedCount() {
    return count("num_ret", JudgedRanking::retrieved);
  }

  /** Number of relevant documents. */
  public static Metric relevantCount() {
    return count("num_rel", JudgedRanking::relevant);
  }

  /** Number of relevant documents retrieved. */
  public static Metric relevantRetrievedCount() {
    return count("num_rel_ret", r -> r.relevantIn(ALL));
  }

  /** What most papers report: nDCG@10, MRR@10, recall@100 and MAP. */
  public static List<Metric> defaults() {
    return List.of(ndcg(10), mrr(10), recall(100), map());
  }

  /**
   * The metric of a name: as {@link #name()} gives it, with {@code .} or {@code @} before the
   * cutoff too, and with the usual names ({@code nDCG@10}, {@code MRR@10}, {@code R@100}).
   *
   * @throws IllegalArgumentException if there is no such metric
   */
  public static Metric parse(String name) {
    Matcher parts = WITH_CUT.matcher(name);
    Optional<Metric> found =
        parts.matches()
            ? withCut(parts.group(1), Integer.parseInt(parts.group(2)))
            : withoutCut(name);
    return found.orElseThrow(
        () ->
            new IllegalArgumentException(
                "no such metric: \""
                    + name
                    + "\"; there are ndcg_cut_k, recip_rank_k, recall_k, P_k, map_cut_k, success_k,"
                    + " msmarco_mrr_k, ndcg, recip_rank, map, Rprec, bpref, num_q, num_ret,"
                    + " num_rel, num_rel_ret"));
  }

  private static Optional<Metric> withCut(String name, int k) {
    return switch (name) {
      case "ndcg_cut", "ndcg", "nDCG" -> Optional.of(ndcg(k));
      case "recip_rank", "mrr", "MRR" -> Optional.of(mrr(k));
      case "recall", "R" -> Optional.of(recall(k));
      case "P" -> Optional.of(precision(k));
      case "map_cut", "map", "MAP" -> Optional.of(map(k));
      case "success" -> Optional.of(success(k));
      case "msmarco_mrr" -> Optional.of(msMarcoMrr(k));
      default -> Optional.empty();
    };
  }

  private static Optional<Metric> withoutCut(String name) {
    return switch (name) {
      case "ndcg", "nDCG" -> Optional.of(ndcg());
      case "recip_rank", "mrr", "MRR" -> Optional.of(mrr());
      case "map", "MAP" -> Optional.of(map());
      case "Rprec" -> Optional.of(rPrecision());
      case "bpref" -> Optional.of(bpref());
      case "num_q" -> Optional.of(queryCount());
      case "num_ret" -> Optional.of(retrievedCount());
      case "num_rel" -> Optional.of(relevantCount());
      case "num_rel_ret" -> Optional.of(relevantRetrievedCount());
      default -> Optional.empty();
    };
  }

  /** Name in trec_eval's output: {@code ndcg_cut_10}, {@code map}. */
  public String name() {
    return name;
  }

  /** Whether it is a number of things, summed over queries, rather than a mean. */
  public boolean isCount() {
    return count;
  }

  double of(JudgedRanking ranking) {
    return measure.applyAsDouble(ranking);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metric metric && name.equals(metric.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
