package io.chasqui.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Runs side by side on the same queries, with intervals and with tests against the first of them.
 * Immutable; the same input gives the same report.
 */
public final class EvaluationReport {
  /**
   * A metric of a run.
   *
   * @param value mean over queries, or sum of a count
   * @param interval bootstrap interval of the mean; of a count, the count itself
   */
  public record Cell(String run, String metric, double value, Interval interval) {}

  /**
   * A run against the first one, by one metric.
   *
   * @param difference run minus baseline
   * @param interval bootstrap interval of the difference
   * @param pairedT p-value of the t-test, adjusted
   * @param randomisation p-value of the randomisation test, adjusted
   * @param significant whether both are below the level
   * @param wins queries where the run is better
   * @param losses queries where the baseline is better
   */
  public record Comparison(
      String run,
      String baseline,
      String metric,
      double difference,
      Interval interval,
      double pairedT,
      double randomisation,
      boolean significant,
      int wins,
      int losses) {}

  /** All that a report says, in the shape of its JSON. */
  record Content(
      String title,
      int queries,
      ReportOptions options,
      List<Cell> values,
      List<Comparison> comparisons) {}

  private final Content content;
  private final Set<String> runs = new LinkedHashSet<>();
  private final Set<String> metrics = new LinkedHashSet<>();

  private EvaluationReport(Content content) {
    this.content = content;
    content.values().forEach(cell -> runs.add(cell.run()));
    content.values().forEach(cell -> metrics.add(cell.metric()));
  }

  /**
   * Reports on evaluations with the same metrics and queries; the first is the baseline. Tests and
   * corrections cover all pairs of another run and a metric that is no count.
   *
   * @throws IllegalArgumentException if there is none, or they differ in metrics or queries, or two
   *     have the same run name
   */
  public static EvaluationReport of(
      String title, List<Evaluation> evaluations, ReportOptions options) {
    if (evaluations.isEmpty()) {
      throw new IllegalArgumentException("a report needs at least one evaluation");
    }
    Evaluation baseline = evaluations.get(0);
    if (evaluations.stream().map(Evaluation::runName).distinct().count() < evaluations.size()) {
      throw new IllegalArgumentException(
          "runs need different names: " + evaluations.stream().map(Evaluation::runName).toList());
    }
    List<Cell> cells = new ArrayList<>();
    for (Evaluation evaluation : evaluations) {
      if (!evaluation.metrics().equals(baseline.metrics())) {
        throw new IllegalArgumentException(
            "runs differ in metrics: " + baseline.metrics() + ", " + evaluation.metrics());
      }
      for (Metric metric : evaluation.metrics()) {
        cells.add(cell(evaluation, metric, options));
      }
    }
    return new EvaluationReport(
        new Content(
            title,
            baseline.queryIds().size(),
            options,
            List.copyOf(cells),
            compare(baseline, evaluations.subList(1, evaluations.size()), options)));
  }

  private static Cell cell(Evaluation evaluation, Metric metric, ReportOptions options) {
    double value = evaluation.total(metric);
    Interval interval =
        metric.isCount()
            ? new Interval(value, value, options.confidence())
            : Interval.bootstrap(
                evaluation, metric, options.confidence(), options.rounds(), options.seed());
    return new Cell(evaluation.runName(), metric.name(), value, interval);
  }

  private static List<Comparison> compare(
      Evaluation baseline, List<Evaluation> others, ReportOptions options) {
    List<Metric> metrics = baseline.metrics().stream().filter(m -> !m.isCount()).toList();
    List<Double> t = new ArrayList<>();
    List<Double> flips = new ArrayList<>();
    for (Evaluation other : others) {
      for (Metric metric : metrics) {
        double[] differences = Significance.differences(baseline, other, metric);
        // One query has no variance: no test can tell anything.
        t.add(differences.length < 2 ? 1 : Significance.pairedT(differences).pValue());
        flips.add(
            Significance.randomisation(differences, options.rounds(), options.seed()).pValue());
      }
    }
    t = options.correction().adjust(t);
    flips = options.correction().adjust(flips);
    List<Comparison> comparisons = new ArrayList<>();
    for (Evaluation other : others) {
      for (Metric metric : metrics) {
        double pairedT = t.get(comparisons.size());
        double randomisation = flips.get(comparisons.size());
        comparisons.add(comparison(baseline, other, metric, pairedT, randomisation, options));
      }
    }
    return List.copyOf(comparisons);
  }

  private static Comparison comparison(
      Evaluation baseline,
      Evaluation other,
      Metric metric,
      double pairedT,
      double randomisation,
      ReportOptions options) {
    double[] differences = Significance.differences(baseline, other, metric);
    int wins = 0;
    int losses = 0;
    for (double difference : differences) {
      wins += difference > 0 ? 1 : 0;
      losses += difference < 0 ? 1 : 0;
    }
    return new Comparison(
        other.runName(),
        baseline.runName(),
        metric.name(),
        Significance.mean(differences),
        Interval.bootstrap(differences, options.confidence(), options.rounds(), options.seed()),
        pairedT,
        randomisation,
        pairedT < options.level() && randomisation < options.level(),
        wins,
        losses);
  }

  /** Values of all runs, run by run, metrics in the order asked for. */
  public List<Cell> values() {
    return content.values();
  }

  /** The runs after the first against the first, in the order of {@link #values()}. */
  public List<Comparison> comparisons() {
    return content.comparisons();
  }

  /** The report as one JSON object on one line: title, queries, options, values, comparisons. */
  public String toJson() {
    return JsonLines.write(content);
  }

  /** The report as Markdown: a table of values and, with several runs, a table of comparisons. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder("# " + content.title() + "\n\n");
    text.append(
        format(
            "%d queries; in brackets %s %% bootstrap intervals.%n%n",
            content.queries(), percent(content.options().confidence())));
    text.append("| run | ").append(String.join(" | ", metrics)).append(" |\n");
    text.append("|---|").append("---|".repeat(metrics.size())).append('\n');
    for (String run : runs) {
      text.append("| ").append(escape(run)).append(" |");
      content.values().stream()
          .filter(cell -> cell.run().equals(run))
          .forEach(cell -> text.append(' ').append(print(cell)).append(" |"));
      text.append('\n');
    }
    if (!content.comparisons().isEmpty()) {
      appendComparisons(text);
    }
    return text.toString();
  }

  private void appendComparisons(StringBuilder text) {
    ReportOptions options = content.options();
    text.append(
        format(
            "%nAgainst %s; p-values of the paired t-test and of the randomisation test, two-sided,"
                + " correction %s over %d comparisons; * both below %s.%n%n",
            escape(runs.iterator().next()),
            options.correction().name().toLowerCase(Locale.ROOT),
            content.comparisons().size(),
            options.level()));
    text.append("| run | metric | difference | p (t) | p (randomisation) | better/worse |\n");
    text.append("|---|---|---|---|---|---|\n");
    for (Comparison c : content.comparisons()) {
      text.append(
          format(
              "| %s | %s | %+.4f [%+.4f, %+.4f]%s | %.4f | %.4f | %d/%d |%n",
              escape(c.run()),
              c.metric(),
              c.difference(),
              c.interval().low(),
              c.interval().high(),
              c.significant() ? " *" : "",
              c.pairedT(),
              c.randomisation(),
              c.wins(),
              c.losses()));
    }
  }

  private static String print(Cell cell) {
    return Metric.parse(cell.metric()).isCount()
        ? Long.toString((long) cell.value())
        : format("%.4f [%.4f, %.4f]", cell.value(), cell.interval().low(), cell.interval().high());
  }

  private static String percent(double share) {
    return format("%.4f", 100 * share).replaceFirst("\\.?0+$", "");
  }

  private static String escape(String text) {
    return text.replace("|", "\\|");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern.replace("%n", "\n"), values);
  }
}
