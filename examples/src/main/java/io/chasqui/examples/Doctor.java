package io.chasqui.examples;

import io.chasqui.ChasquiException;
import io.chasqui.index.IndexDoctor;
import io.chasqui.index.IndexReport;
import io.chasqui.index.IndexStats;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Looks after an index: whether it is whole, how much of the truth its searches find, and what to
 * do if something is wrong.
 *
 * <p>Exit code 0 if all is well, 1 if something is damaged or failed, 2 for a wrong command line.
 */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class,
    subcommands = {Recall.class, CommandLine.HelpCommand.class},
    description = "Checks, measures and repairs an index.")
public final class Doctor {
  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Doctor())
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              if (failure instanceof NoSuchFileException missing && missing.getReason() != null) {
                command
                    .getErr()
                    .println("doctor: " + missing.getFile() + ": " + missing.getReason());
              } else if (failure instanceof ChasquiException || failure instanceof IOException) {
                command.getErr().println("doctor: " + failure.getMessage());
              } else {
                throw failure;
              }
              return 1;
            });
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void say(String format, Object... arguments) {
    out().println(String.format(Locale.ROOT, format, arguments));
  }

  @Command(description = "Shows what an index holds. Reads only what opening it reads.")
  int info(@Parameters(paramLabel = "INDEX") Path directory) throws IOException {
    long start = System.nanoTime();
    try (PassageIndex index = PassageIndex.open(directory)) {
      long opened = System.nanoTime() - start;
      IndexStats stats = index.stats();
      say("%-12s%,d, of dimension %d", "passages", stats.passages(), index.space().dimension());
      say("%-12s%,d, still taking space", "removed", stats.removed());
      say("%-12s%d, %d of them with a graph", "segments", stats.segments(), stats.graphs());
      say("%-12s%,d", "bytes", stats.bytes());
      say("%-12s%d", "generation", stats.generation());
      say("%-12s%s", "elements", index.options().elements());
      say("%-12s%s", "graph", index.options().graph().isEmpty() ? "-" : index.options().graph());
      index
          .space()
          .attributes()
          .forEach((name, value) -> say("%-12s%s = %s", "space", name, value));
      index.options().userMetadata().forEach((name, value) -> say("%-12s%s = %s", "", name, value));
      say("%-12s%s", "opened in", Terminal.time(Duration.ofNanos(opened)));
    }
    return 0;
  }

  @Command(
      description = {
        "Reads every byte of every generation, and says what is damaged. Changes nothing.",
        "Takes about a second per gigabyte, or as long as the disk takes to read it."
      })
  int check(@Parameters(paramLabel = "INDEX") Path directory) throws IOException {
    long start = System.nanoTime();
    IndexReport report = IndexDoctor.check(directory);
    for (IndexReport.Generation generation : report.generations()) {
      say(
          "generation %d: %s",
          generation.number(),
          generation.isIntact()
              ? String.format(Locale.ROOT, "intact, %,d passages", generation.passages())
              : "DAMAGED");
      generation.problems().forEach(problem -> say("  %s", problem));
      generation.graphProblems().forEach(problem -> say("  graph: %s", problem));
    }
    say("checked in %s", Terminal.time(Duration.ofNanos(System.nanoTime() - start)));
    if (report.isHealthy()) {
      return 0;
    }
    boolean graphsOnly = report.generations().get(0).isIntact();
    if (graphsOnly) {
      say("Only graphs are damaged: 'doctor rebuild-graphs' makes them anew.");
    } else if (report.newestIntact().isPresent()) {
      long good = report.newestIntact().get().number();
      say("'doctor rollback %s %d' goes back to generation %d.", directory, good, good);
    } else {
      say("No generation is intact: restore a copy, or index the corpus again.");
    }
    return 1;
  }

  @Command(description = "Makes an older, intact generation the newest; later ones are given up.")
  int rollback(
      @Parameters(paramLabel = "INDEX") Path directory,
      @Parameters(paramLabel = "GENERATION") long generation)
      throws IOException {
    say(
        "generation %d is the newest, and holds what %d held",
        IndexDoctor.rollback(directory, generation), generation);
    return 0;
  }

  @Command(name = "rebuild-graphs", description = "Builds all graphs anew from the vectors.")
  int rebuildGraphs(@Parameters(paramLabel = "INDEX") Path directory) throws IOException {
    say("generation %d has new graphs", IndexDoctor.rebuildGraphs(directory));
    return 0;
  }

  @Command(description = "Gives back the space of removed passages; all becomes one segment.")
  int compact(@Parameters(paramLabel = "INDEX") Path directory) throws IOException {
    try (PassageIndex index = PassageIndex.open(directory)) {
      long before = index.stats().bytes();
      index.compact();
      say(
          "%,d bytes, were %,d; generation %d",
          index.stats().bytes(), before, index.stats().generation());
    }
    return 0;
  }
}
