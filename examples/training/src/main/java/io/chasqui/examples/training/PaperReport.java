package io.chasqui.examples.training;

import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.EvaluationReport.Comparison;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The paper-like report: a table per collection with marks of significance, the curve over input
 * length, plots as PNG. Confined to one thread.
 *
 * <p>Significance is by paired tests over queries, Holm-corrected within a table: ▲ and ▼ say that
 * a run is above or below the table's first one by both the t-test and the randomisation test.
 */
final class PaperReport {
  static final Metric NDCG = Metric.ndcg(10);
  private static final List<Metric> METRICS =
      List.of(NDCG, Metric.msMarcoMrr(10), Metric.recall(100));
  private static final List<String> NAMES = List.of("nDCG@10", "MRR@10", "R@100");
  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;

  private final StringBuilder text = new StringBuilder();
  private final Path directory;

  PaperReport(Path directory, String title) {
    this.directory = directory;
    text.append("# ").append(title).append("\n\n");
  }

  void paragraph(String paragraph) {
    text.append(paragraph).append("\n\n");
  }

  /**
   * A table of runs, the first of which is what the others are tested against.
   *
   * @param queries whose judgements count: those that were searched for
   */
  void table(String title, Qrels qrels, Set<String> queries, List<Run> runs) {
    Evaluator evaluator = Evaluator.of(METRICS.toArray(Metric[]::new));
    Qrels judged = only(qrels, queries);
    List<Evaluation> evaluations =
        runs.stream().map(run -> evaluator.evaluate(judged, run)).toList();
    EvaluationReport report = EvaluationReport.of(title, evaluations, ReportOptions.defaults());
    text.append("## ").append(title).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "%,d queries. Tested against %s, Holm's correction over the table.%n%n",
            queries.size(),
            runs.get(0).name()));
    text.append("| run |");
    NAMES.forEach(name -> text.append(' ').append(name).append(" |"));
    text.append(" p of nDCG@10 |\n|---|").append("---|".repeat(METRICS.size() + 1)).append('\n');
    for (Evaluation evaluation : evaluations) {
      text.append("| ").append(evaluation.runName()).append(" |");
      for (Metric metric : METRICS) {
        text.append(String.format(Locale.ROOT, " %.4f", evaluation.total(metric)));
        text.append(mark(report, evaluation.runName(), metric)).append(" |");
      }
      text.append(pValue(report, evaluation.runName())).append("\n");
    }
    text.append('\n');
  }

  /** The judgements of some queries. */
  static Qrels only(Qrels qrels, Set<String> queries) {
    Qrels.Builder some = Qrels.builder();
    for (String query : qrels.queryIds()) {
      if (queries.contains(query)) {
        qrels.judgements(query).forEach((document, grade) -> some.add(query, document, grade));
      }
    }
    return some.build();
  }

  private static String mark(EvaluationReport report, String run, Metric metric) {
    for (Comparison comparison : report.comparisons()) {
      if (comparison.run().equals(run)
          && comparison.metric().equals(metric.name())
          && comparison.significant()) {
        return comparison.difference() > 0 ? " ▲" : " ▼";
      }
    }
    return "";
  }

  private static String pValue(EvaluationReport report, String run) {
    for (Comparison comparison : report.comparisons()) {
      if (comparison.run().equals(run) && comparison.metric().equals(NDCG.name())) {
        double p = Math.max(comparison.pairedT(), comparison.randomisation());
        return p < 0.001 ? " < 0.001 |" : String.format(Locale.ROOT, " %.3f |", p);
      }
    }
    return " |";
  }

  /** nDCG@10 of one run. */
  static double ndcg(Qrels qrels, Set<String> queries, Run run) {
    return Evaluator.of(NDCG).evaluate(only(qrels, queries), run).total(NDCG);
  }

  /** A curve over input length. */
  void curve(String title, String file, Map<Integer, Double> values) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("passage length (tokens)")
            .yAxisTitle("nDCG@10")
            .build();
    chart.getStyler().setLegendVisible(false);
    chart.addSeries("nDCG@10", new ArrayList<>(values.keySet()), new ArrayList<>(values.values()));
    BitmapEncoder.saveBitmap(chart, directory.resolve(file).toString(), BitmapFormat.PNG);
    text.append("## ").append(title).append("\n\n| tokens | nDCG@10 |\n|---|---|\n");
    values.forEach(
        (length, value) ->
            text.append(String.format(Locale.ROOT, "| %d | %.4f |%n", length, value)));
    text.append("\n![").append(title).append("](").append(file).append(")\n\n");
  }

  /** Bars of runs side by side, a group per collection. */
  void bars(String title, String file, Map<String, Map<String, Double>> byRun) throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("collection")
            .yAxisTitle("nDCG@10")
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    byRun.forEach(
        (run, values) ->
            chart.addSeries(
                run, new ArrayList<>(values.keySet()), new ArrayList<>(values.values())));
    BitmapEncoder.saveBitmap(chart, directory.resolve(file).toString(), BitmapFormat.PNG);
    text.append("![").append(title).append("](").append(file).append(")\n\n");
  }

  /** Writes {@code report.md}. */
  Path write() throws IOException {
    return Files.writeString(directory.resolve("report.md"), text.toString());
  }
}
