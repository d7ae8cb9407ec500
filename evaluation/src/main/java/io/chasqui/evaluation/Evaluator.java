package io.chasqui.evaluation;

import io.chasqui.evaluation.EvaluationOptions.MissingQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Computes metrics of runs as trec_eval 10.0 does: documents by descending score, ties by
 * descending id; queries in the byte order of their ids; queries without judgements ignored.
 * Immutable.
 */
public final class Evaluator {
  private final List<Metric> metrics;
  private final EvaluationOptions options;

  private Evaluator(List<Metric> metrics, EvaluationOptions options) {
    this.metrics = metrics;
    this.options = options;
  }

  /** An evaluator with {@link EvaluationOptions#defaults()}: missing queries count as zero. */
  public static Evaluator of(Metric... metrics) {
    return of(List.of(metrics), EvaluationOptions.defaults());
  }

  /**
   * An evaluator of these metrics, in this order.
   *
   * @throws IllegalArgumentException if there is no metric, or one twice
   */
  public static Evaluator of(List<Metric> metrics, EvaluationOptions options) {
    Objects.requireNonNull(options, "options");
    if (metrics.isEmpty() || metrics.stream().distinct().count() < metrics.size()) {
      throw new IllegalArgumentException("metrics must be there, and none twice: " + metrics);
    }
    return new Evaluator(List.copyOf(metrics), options);
  }

  /**
   * Evaluates a run.
   *
   * @throws IllegalArgumentException if no query is judged; or if the run has no answer to a judged
   *     query and the options refuse that
   */
  public Evaluation evaluate(Qrels qrels, Run run) {
    Map<String, JudgedRanking> judged = new TreeMap<>(ByteOrder.ASCENDING);
    List<String> missing = new ArrayList<>();
    for (String query : qrels.queryIds()) {
      boolean answered = run.ranking(query).size() > 0;
      if (!answered) {
        missing.add(query);
      }
      if (answered || options.missing() == MissingQueries.COUNT_AS_ZERO) {
        judged.put(query, JudgedRanking.of(run.ranking(query), qrels.judgements(query), options));
      }
    }
    if (options.missing() == MissingQueries.REFUSE && !missing.isEmpty()) {
      throw new IllegalArgumentException(
          "run " + run.name() + " has no answer to judged queries: " + missing);
    }
    if (judged.isEmpty()) {
      throw new IllegalArgumentException(
          "no query has both judgements and an answer of run " + run.name());
    }
    List<Evaluation.Series> series = new ArrayList<>();
    for (Metric metric : metrics) {
      Map<String, Double> values = new TreeMap<>(ByteOrder.ASCENDING);
      judged.forEach((query, ranking) -> values.put(query, metric.of(ranking)));
      series.add(new Evaluation.Series(metric, values, total(metric, values, judged)));
    }
    return new Evaluation(run.name(), series, missing);
  }

  private double total(
      Metric metric, Map<String, Double> values, Map<String, JudgedRanking> judged) {
    // As trec_eval -c: over all queries it counts positive grades, whatever the relevance level.
    if (metric.equals(Metric.relevantCount())
        && options.missing() == MissingQueries.COUNT_AS_ZERO) {
      return judged.values().stream().mapToDouble(JudgedRanking::positive).sum();
    }
    double sum = 0;
    for (double value : values.values()) {
      sum += value;
    }
    return metric.isCount() ? sum : sum / values.size();
  }
}
