package io.chasqui.evaluation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The metrics of one run: over all queries and query by query. Immutable. */
public final class Evaluation {
  /**
   * The values of one metric.
   *
   * @param values by query id, in the byte order of the ids
   * @param total mean, or sum of a count
   */
  record Series(Metric metric, Map<String, Double> values, double total) {
    Series {
      values = Collections.unmodifiableMap(values);
    }
  }

  private final String runName;
  private final Map<Metric, Series> byMetric;
  private final List<String> missing;

  Evaluation(String runName, List<Series> series, List<String> missing) {
    this.runName = runName;
    Map<Metric, Series> all = new LinkedHashMap<>();
    series.forEach(one -> all.put(one.metric(), one));
    this.byMetric = Collections.unmodifiableMap(all);
    this.missing = List.copyOf(missing);
  }

  /** Name of the run. */
  public String runName() {
    return runName;
  }

  /** The metrics, in the order asked for. */
  public Set<Metric> metrics() {
    return byMetric.keySet();
  }

  /** The queries that were evaluated, in the byte order of their ids. */
  public Set<String> queryIds() {
    return byMetric.values().iterator().next().values().keySet();
  }

  /** The judged queries that the run has no answer to. */
  public List<String> missingQueries() {
    return missing;
  }

  /**
   * A metric over all queries: its mean, or its sum if it is a count.
   *
   * @throws IllegalArgumentException if the metric was not asked for
   */
  public double total(Metric metric) {
    return series(metric).total();
  }

  /**
   * A metric query by query, in the byte order of their ids. Unmodifiable.
   *
   * @throws IllegalArgumentException if the metric was not asked for
   */
  public Map<String, Double> perQuery(Metric metric) {
    return series(metric).values();
  }

  private Series series(Metric metric) {
    Series series = byMetric.get(metric);
    if (series == null) {
      throw new IllegalArgumentException(
          metric + " was not computed; there are " + byMetric.keySet());
    }
    return series;
  }

  /**
   * Lines as trec_eval prints them: name padded to 22, tab, query id or "all", tab, value with four
   * decimals (counts as integers).
   *
   * @param perQuery whether the queries come before the totals ({@code -q})
   */
  public List<String> toTrecEvalLines(boolean perQuery) {
    List<String> lines = new ArrayList<>();
    if (perQuery) {
      for (String query : queryIds()) {
        for (Series series : byMetric.values()) {
          if (!series.metric().equals(Metric.queryCount())) {
            double value = series.values().getOrDefault(query, 0.0);
            lines.add(line(series.metric(), query, value));
          }
        }
      }
    }
    byMetric.values().forEach(one -> lines.add(line(one.metric(), "all", one.total())));
    return lines;
  }

  private static String line(Metric metric, String query, double value) {
    String name = metric.name() + " ".repeat(Math.max(0, 22 - metric.name().length()));
    return name + "\t" + query + "\t" + print(metric, value);
  }

  /** As C's printf: decimals of the binary value, ties to even; String.format rounds up. */
  static String print(Metric metric, double value) {
    return metric.isCount()
        ? Long.toString((long) value)
        : new BigDecimal(value).setScale(4, RoundingMode.HALF_EVEN).toPlainString();
  }

  @Override
  public String toString() {
    return "Evaluation[" + runName + ", " + String.join(", ", toTrecEvalLines(false)) + "]";
  }
}
