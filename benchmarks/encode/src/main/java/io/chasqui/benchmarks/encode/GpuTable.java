package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Cost;
import io.chasqui.benchmarks.Outcome;
import io.chasqui.benchmarks.PeerFigures;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Chasqui and PyTorch on one device as a Markdown table, with the share of the device's measured
 * peak that encoding reaches.
 *
 * @param model whose operations are counted
 * @param caption what ran where
 * @param units of each workload: tokens, tokens, pairs
 * @param callers numbers of concurrent callers
 */
record GpuTable(
    GpuModel model,
    String caption,
    Map<String, Long> units,
    List<Integer> callers,
    Contest.Result result) {
  static final String CHASQUI = "Chasqui";
  static final String PYTORCH = "PyTorch";
  static final String TWO_ADAPTERS = "Chasqui, two adapters";
  static final String ONE_ADAPTER = "Chasqui, one adapter";
  private static final List<String> COLUMNS = List.of(CHASQUI, PYTORCH, TWO_ADAPTERS, ONE_ADAPTER);

  String toMarkdown() {
    StringBuilder text = new StringBuilder("### " + caption + "\n\n| |");
    COLUMNS.forEach(column -> text.append(' ').append(column).append(" |"));
    text.append(" Chasqui / PyTorch |\n|---|---|---|---|---|---|\n");
    rates(text, "passages, tokens/s", "passages");
    rates(text, "queries in one list, tokens/s", "batch");
    rates(text, "rerank, pairs/s", "rerank");
    for (int number : callers) {
      String what = Latency.PREFIX + number;
      for (String name : List.of("p50ms", "p99ms")) {
        lowerIsBetter(
            text,
            name.substring(0, 3) + " of a query, " + number + " callers, ms",
            figures -> figures.figure(what, name));
      }
    }
    lowerIsBetter(text, "load, s", figures -> Optional.of(figures.loadSeconds()));
    lowerIsBetter(
        text,
        "private host memory, MB",
        figures ->
            figures.privateBytes().isPresent()
                ? Optional.of(figures.privateBytes().getAsLong() / 1e6)
                : Optional.empty());
    lowerIsBetter(
        text,
        "device memory, MB",
        figures ->
            figures.deviceBytes().isPresent()
                ? Optional.of(figures.deviceBytes().getAsLong() / 1e6)
                : Optional.empty());
    measured(text, "largest product in this type, TFLOP/s", "tflops");
    measured(text, "copy within the device's memory, GB/s", "copyGBs");
    row(text, "share of that product on passages, %", this::shareOfPeak, false);
    text.append("\n");
    rate(TWO_ADAPTERS, "passages")
        .flatMap(two -> rate(ONE_ADAPTER, "passages").map(one -> one / two))
        .ifPresent(
            cost ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "- passages: with two adapters %.2f times the time of one%n",
                        cost)));
    agreement(text);
    result.outcomes().stream()
        .filter(outcome -> outcome.failure().isPresent())
        .forEach(
            outcome ->
                text.append(
                    String.format(
                        "- %s, %s: not measured: %s%n",
                        outcome.contestant().label(),
                        outcome.contestant().workload(),
                        outcome.failure().get())));
    result.figures().values().stream()
        .map(PeerFigures::description)
        .distinct()
        .forEach(description -> text.append("- ").append(description).append('\n'));
    return text.toString();
  }

  private void rates(StringBuilder text, String title, String workload) {
    row(text, title, label -> rate(label, workload), false);
  }

  private Optional<Double> rate(String label, String workload) {
    return outcome(label, workload)
        .flatMap(Outcome::cost)
        .map(Cost::wallSeconds)
        .map(seconds -> units.getOrDefault(workload, 0L) / seconds);
  }

  private Optional<Outcome> outcome(String label, String workload) {
    return result.outcomes().stream()
        .filter(outcome -> outcome.contestant().label().equals(label))
        .filter(outcome -> outcome.contestant().workload().equals(workload))
        .findFirst();
  }

  private void lowerIsBetter(
      StringBuilder text, String title, Function<PeerFigures, Optional<Double>> value) {
    row(text, title, label -> figures(label).flatMap(value), true);
  }

  private Optional<PeerFigures> figures(String label) {
    return outcome(label, "passages")
        .map(outcome -> result.figures().get(outcome.contestant().peer()));
  }

  private static void row(
      StringBuilder text,
      String title,
      Function<String, Optional<Double>> value,
      boolean lowerIsBetter) {
    text.append("| ").append(title).append(" |");
    for (String column : COLUMNS) {
      text.append(' ').append(value.apply(column).map(GpuTable::number).orElse("")).append(" |");
    }
    Optional<Double> ratio =
        value
            .apply(CHASQUI)
            .flatMap(
                ours ->
                    value
                        .apply(PYTORCH)
                        .map(theirs -> lowerIsBetter ? theirs / ours : ours / theirs));
    text.append(' ')
        .append(ratio.map(r -> String.format(Locale.ROOT, "%.2f", r)).orElse(""))
        .append(" |\n");
  }

  private void agreement(StringBuilder text) {
    for (String workload : List.of("passages", "batch", "rerank")) {
      outcome(PYTORCH, workload)
          .flatMap(Outcome::agreement)
          .ifPresent(
              agreement ->
                  text.append(
                      String.format(
                          Locale.ROOT,
                          "- %s: results of both agree to %.4f%n",
                          workload,
                          agreement)));
    }
  }

  /** PyTorch measures the device, for both. */
  private void measured(StringBuilder text, String title, String name) {
    row(
        text,
        title,
        label ->
            label.equals(PYTORCH)
                ? figures(PYTORCH).flatMap(figures -> figures.figure("peak", name))
                : Optional.empty(),
        false);
  }

  /** Linear layers alone, in percent. */
  private Optional<Double> shareOfPeak(String label) {
    return figures(PYTORCH)
        .flatMap(figures -> figures.figure("peak", "tflops"))
        .flatMap(
            peak ->
                rate(label, "passages")
                    .map(tokens -> 100 * tokens * model.operationsPerToken() / (peak * 1e12)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }
}
