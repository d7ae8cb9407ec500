package io.chasqui.examples;

import io.chasqui.ChasquiException;
import io.chasqui.Chunker;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.examples.JsonlIndexer.BadLines;
import io.chasqui.examples.JsonlIndexer.Options;
import io.chasqui.examples.JsonlIndexer.Report;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.IndexStats;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressState;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * An offline batch job: encodes a corpus in BEIR's JSONL layout into an index on disk.
 *
 * <p>Kill it at any instant and start it again with the same arguments: what was committed stays
 * and is not encoded again. Ctrl-C commits what is encoded; the batch in hand is encoded again next
 * time. Exit code 0 if every document is in the index, 1 if something was left out or went wrong, 2
 * for a wrong command line.
 */
@Command(
    name = "index-jsonl",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class,
    sortOptions = false,
    description =
        "Encodes a corpus ({\"_id\", \"title\", \"text\", \"metadata\"} a line, gzip or plain) into"
            + " an index. Can be killed and started again.")
public final class IndexJsonl implements Callable<Integer> {
  private static final long LARGE = 10_000_000;
  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final Thread NO_HOOK = new Thread("index-jsonl-no-hook");

  @Parameters(index = "0", paramLabel = "CORPUS", description = "The .jsonl or .jsonl.gz file.")
  private Path corpus = Path.of("");

  @Parameters(index = "1", paramLabel = "INDEX", description = "Directory of the index.")
  private Path index = Path.of("");

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = {"-r", "--role"},
      defaultValue = "repllama",
      description = "The role that encodes. Default: ${DEFAULT-VALUE}")
  private String role = "";

  @Option(
      names = {"-b", "--batch"},
      paramLabel = "N",
      defaultValue = "512",
      description = "Passages handed to the encoder at a time. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--commit-seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "Longest time whose work a kill can lose. Default: ${DEFAULT-VALUE}")
  private long commitSeconds;

  @Option(
      names = "--skip-bad-lines",
      description = "Report lines that are no documents and go on; otherwise the first one stops.")
  private boolean skipBadLines;

  @Option(names = "--exact", description = "Build no graph: every search reads every vector.")
  private boolean exact;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new IndexJsonl()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Options options;
    try {
      options =
          new Options(
              batch,
              Duration.ofSeconds(commitSeconds),
              skipBadLines ? BadLines.SKIP : BadLines.STOP);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    try {
      return run(options);
    } catch (ChasquiException | IOException e) {
      // Said in one line: the message names file, line or field.
      spec.commandLine().getErr().println("index-jsonl: " + e.getMessage());
      return 1;
    } catch (IllegalStateException e) {
      if (!exiting()) {
        throw e;
      }
      // Something was being opened, and nothing is to be any more.
      spec.commandLine().getErr().println("index-jsonl: stopped: " + e.getMessage());
      return 1;
    }
  }

  private int run(Options options) throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    Thread onSignal = new Thread(() -> await(done), "index-jsonl-stop");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try (ModelSession session = model.load()) {
      Encoder encoder = session.encoder(role);
      IndexOptions layout = exact ? IndexOptions.exact() : IndexOptions.defaults();
      try (PassageIndex passages = PassageIndex.openOrCreate(index, encoder.space(), layout)) {
        JsonlIndexer job = new JsonlIndexer(encoder, passages, Chunker.whole(), options);
        Report report = runWithProgress(job);
        print(report, passages.stats());
        return report.problems() > 0 || report.stopped() ? 1 : 0;
      }
    } finally {
      done.countDown();
      removeHook(onSignal); // or it ends by itself
    }
  }

  /**
   * Whether Ctrl-C, SIGTERM or {@code System.exit} ends this JVM. True before any shutdown hook
   * begins, so whatever a hook makes fail finds it so: hooks run in no order, and another one stops
   * the models.
   */
  private static boolean exiting() {
    return !removeHook(NO_HOOK);
  }

  /** Makes sure that a hook is none; false if it is too late. */
  private static boolean removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
      return true;
    } catch (IllegalStateException e) { // the JVM is exiting, it means
      return false;
    }
  }

  /** Run by a shutdown hook: lets the job commit and report what it has encoded. */
  private static void await(CountDownLatch done) {
    try {
      done.await(GRACE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Report runWithProgress(JsonlIndexer job) throws IOException {
    long bytes = Files.size(corpus);
    boolean large = bytes >= LARGE;
    try (ProgressBar bar =
        Terminal.progressBar("encoding", bytes)
            .setUnit(large ? " MB" : " kB", large ? 1_000_000 : 1_000)
            .setEtaFunction(IndexJsonl::timeLeft)
            .build()) {
      return job.run(
          corpus,
          (read, soFar) -> {
            bar.stepTo(read);
            bar.setExtraMessage(
                String.format(Locale.ROOT, " %,d passages, %.0f/s", soFar.passages(), rate(soFar)));
          },
          IndexJsonl::exiting);
    }
  }

  private static Optional<Duration> timeLeft(ProgressState state) {
    long done = state.getCurrent() - state.getStart();
    if (done <= 0) {
      return Optional.empty();
    }
    double nanosPerByte = (double) state.getElapsedAfterStart().toNanos() / done;
    return Optional.of(
        Duration.ofNanos((long) (nanosPerByte * (state.getMax() - state.getCurrent()))));
  }

  private static double rate(Report report) {
    return report.passages() / Math.max(1e-3, report.duration().toNanos() / 1e9);
  }

  private void print(Report report, IndexStats stats) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s: %,d documents (%,d passages) of %,d lines in %s, %.0f passages/s%n",
        report.stopped() ? "Stopped" : "Done",
        report.documents(),
        report.passages(),
        report.lines(),
        Terminal.time(report.duration()),
        rate(report));
    line(out, report.alreadyThere(), "were there already");
    line(out, report.empty(), "have neither title nor text and were left out");
    line(out, report.truncated(), "were cut at the model's limit");
    line(out, report.problems(), "problems:");
    report.messages().forEach(message -> out.println("             " + message));
    out.printf(
        Locale.ROOT,
        "%s: generation %d, %,d passages in %d segments, %d graphs, %.1f MB%n",
        index,
        stats.generation(),
        stats.passages(),
        stats.segments(),
        stats.graphs(),
        stats.bytes() / 1e6);
    out.flush();
  }

  private static void line(PrintWriter out, long count, String what) {
    if (count > 0) {
      out.printf(Locale.ROOT, "%,11d  %s%n", count, what);
    }
  }
}
