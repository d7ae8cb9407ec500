package io.chasqui.examples;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** What the examples need of a terminal of 80 columns. */
public final class Terminal {
  static final int COLUMNS = 80;

  private static final int REDRAW_MILLIS = 200;
  private static final int LOG_MILLIS = 10_000;

  private Terminal() {}

  /** The terminal, if a person is there: input and output both belong to it. */
  @SuppressWarnings("SystemConsoleNull") // null up to JDK 21; the rest is for later ones
  static Optional<Console> console() {
    Console console = System.console();
    if (console == null) {
      return Optional.empty();
    }
    try { // JDK 22 and later have a console even without a terminal, and say so
      boolean terminal = (boolean) Console.class.getMethod("isTerminal").invoke(console);
      return terminal ? Optional.of(console) : Optional.empty();
    } catch (NoSuchMethodException e) {
      return Optional.of(console);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("Console.isTerminal is public and throws nothing", e);
    }
  }

  /**
   * A progress bar on standard error: redrawn in place on a terminal, a line now and then in a log.
   */
  public static ProgressBarBuilder progressBar(String task, long max) {
    boolean interactive = console().isPresent();
    return ProgressBar.builder()
        .setTaskName(task)
        .setInitialMax(max)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(interactive ? REDRAW_MILLIS : LOG_MILLIS)
        .setConsumer(
            interactive
                ? new ConsoleProgressBarConsumer(System.err, COLUMNS - 1)
                : new DelegatingProgressBarConsumer(
                    line -> System.err.println(line.stripTrailing()), COLUMNS - 1));
  }

  /** The text in lines of at most {@code width} characters, broken between words. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** The beginning of a text, cut between words, with an ellipsis if something is missing. */
  public static String abbreviate(String text, int width) {
    if (text.length() <= width) {
      return text;
    }
    int space = text.lastIndexOf(' ', width - 4);
    return text.substring(0, space > width / 2 ? space : width - 4).stripTrailing() + " ...";
  }

  /** "0.4 ms", "37 ms", "1.25 s", "2:05", "1:02:05". */
  public static String time(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    if (millis < 10) {
      return String.format(Locale.ROOT, "%.1f ms", millis);
    }
    if (millis < 1_000) {
      return String.format(Locale.ROOT, "%.0f ms", millis);
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000);
    }
    return duration.toHours() > 0
        ? String.format(
            Locale.ROOT,
            "%d:%02d:%02d",
            duration.toHours(),
            duration.toMinutesPart(),
            duration.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", duration.toMinutesPart(), duration.toSecondsPart());
  }
}
