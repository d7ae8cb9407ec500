package io.chasqui.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Outcomes of one contest as a Markdown table: medians, rates, ratios of the first line to each
 * other one.
 *
 * @param title a heading
 * @param unit what is counted ("tokens")
 * @param units of them in one run of the workload
 */
public record ResultTable(String title, String unit, long units, List<Outcome> outcomes) {
  public ResultTable {
    outcomes = List.copyOf(outcomes);
  }

  /** The table, then what each line ran on. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder("### " + title + "\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "%,d %s a round, medians of %d interleaved rounds. Ratio: how many times the rate of"
                + " that line the first line reaches.%n%n",
            units,
            unit,
            outcomes.stream().mapToInt(outcome -> outcome.costs().size()).max().orElse(0)));
    text.append(
        String.format(
            "| | %s/s | ratio | %s per CPU-second | ratio | wall s (max/min) | CPU s | private MB |"
                + " agreement |%n|---|---|---|---|---|---|---|---|---|%n",
            unit, unit));
    Optional<Cost> first = outcomes.isEmpty() ? Optional.empty() : outcomes.get(0).cost();
    for (Outcome outcome : outcomes) {
      text.append(row(outcome, first));
    }
    text.append('\n');
    TreeSet<String> versions = new TreeSet<>();
    outcomes.stream()
        .filter(outcome -> !outcome.description().isEmpty())
        .forEach(outcome -> versions.add(outcome.description()));
    versions.forEach(version -> text.append("- ").append(version).append('\n'));
    return text.toString();
  }

  private String row(Outcome outcome, Optional<Cost> first) {
    String label = outcome.contestant().label();
    if (outcome.cost().isEmpty()) {
      return "| " + label + " | not measured: " + outcome.failure().orElse("?") + " |\n";
    }
    Cost cost = outcome.cost().get();
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %s | %,.0f | %s | %.2f (%.2f) | %.2f | %s | %s |%n",
        label,
        units / cost.wallSeconds(),
        first.map(best -> ratio(cost.wallSeconds() / best.wallSeconds())).orElse(""),
        units / cost.cpuSeconds(),
        first.map(best -> ratio(cost.cpuSeconds() / best.cpuSeconds())).orElse(""),
        cost.wallSeconds(),
        Cost.spread(outcome.costs()),
        cost.cpuSeconds(),
        outcome.privateBytes().isPresent() ? outcome.privateBytes().getAsLong() / 1_000_000 : "",
        outcome.agreement().map(ResultTable::agreement).orElse("reference"));
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String agreement(double value) {
    return value > 0.99999 ? "> 0.99999" : String.format(Locale.ROOT, "%.5f", value);
  }
}
