package io.chasqui.examples;

import io.chasqui.ScoredPassage;
import io.chasqui.SearchResult;
import io.chasqui.StageScore;
import io.chasqui.StageTiming;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints answers for a terminal of 80 columns: title, score of each stage, snippet, times. */
final class HitPrinter {
  private static final String INDENT = "    ";
  private static final int SNIPPET_LINES = 2;

  private final PrintWriter out;
  private final List<String> stages;

  /**
   * @param stages names of the stages whose scores are shown; others are only timed
   */
  HitPrinter(PrintWriter out, List<String> stages) {
    this.out = out;
    this.stages = List.copyOf(stages);
  }

  /** Prints the hits, best first, and how long each stage took. */
  void print(SearchResult result) {
    int number = 1;
    for (ScoredPassage hit : result.hits()) {
      print(number++, hit);
    }
    if (result.hits().isEmpty()) {
      out.println(INDENT + "nothing found");
    }
    String times =
        result.timings().stream().map(HitPrinter::describe).collect(Collectors.joining(", "));
    if (!times.isEmpty()) {
      Terminal.wrap(times, Terminal.COLUMNS - INDENT.length())
          .forEach(line -> out.println(INDENT + line));
    }
    out.println();
    out.flush();
  }

  private void print(int number, ScoredPassage hit) {
    String title = hit.passage().title().isEmpty() ? hit.id() : hit.passage().title();
    String head = String.format(Locale.ROOT, "%2d. %s", number, title);
    String scores =
        hit.stages().stream()
            .filter(score -> stages.contains(score.stage()))
            .map(HitPrinter::describe)
            .collect(Collectors.joining("  "));
    if (head.length() + 2 + scores.length() <= Terminal.COLUMNS) {
      out.println(head + " ".repeat(Terminal.COLUMNS - head.length() - scores.length()) + scores);
    } else {
      out.println(Terminal.abbreviate(head, Terminal.COLUMNS));
      out.println(" ".repeat(Math.max(0, Terminal.COLUMNS - scores.length())) + scores);
    }
    List<String> lines = Terminal.wrap(hit.passage().text(), Terminal.COLUMNS - INDENT.length());
    for (int i = 0; i < Math.min(lines.size(), SNIPPET_LINES); i++) {
      boolean cut = i == SNIPPET_LINES - 1 && lines.size() > SNIPPET_LINES;
      String line = cut ? lines.get(i) + " ..." : lines.get(i);
      out.println(INDENT + Terminal.abbreviate(line, Terminal.COLUMNS - INDENT.length()));
    }
  }

  private static String describe(StageScore score) {
    return String.format(Locale.ROOT, "%s %.3f (#%d)", score.stage(), score.score(), score.rank());
  }

  private static String describe(StageTiming timing) {
    return String.format(
        Locale.ROOT,
        "%s: %d passages in %s",
        timing.stage(),
        timing.candidates(),
        Terminal.time(timing.duration()));
  }
}
