package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.index.PassageIndex;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The batch job in a JVM of its own, killed in the middle, and its errors. */
class IndexJsonlIT {
  private static final int DOCUMENTS = 600;
  private static final int MANY = 50_000; // more than a second's work

  @TempDir private Path folder;

  private Path corpus(String extra) throws IOException {
    return corpus(DOCUMENTS, extra);
  }

  private Path corpus(int documents, String extra) throws IOException {
    return Files.writeString(
        folder.resolve("corpus.jsonl"),
        IntStream.range(0, documents)
            .mapToObj(
                i ->
                    "{\"_id\":\"d%d\",\"title\":\"Shelf %d\",\"text\":\"Holds %d jars of tea.\"}\n"
                        .formatted(i, i % 7, i))
            .collect(Collectors.joining("", "", extra)));
  }

  @Test
  void killedInTheMiddleItGoesOnWhereItHadCommitted() throws Exception {
    Path corpus = corpus("");
    Path index = folder.resolve("index");
    long committed = endAfterACommit(corpus, index, 0, Process::destroyForcibly);
    assertTrue(committed > 0 && committed < DOCUMENTS, committed + " when killed");

    StringWriter out = new StringWriter();
    int exit = run(out, new StringWriter(), corpus, index);

    assertEquals(0, exit);
    try (PassageIndex passages = PassageIndex.open(index)) {
      assertEquals(DOCUMENTS, passages.size());
      for (int i = 0; i < DOCUMENTS; i++) {
        assertTrue(passages.contains("d" + i), "d" + i);
      }
    }
    String report = out.toString();
    long there =
        report
            .lines()
            .filter(line -> line.endsWith("were there already"))
            .mapToLong(line -> Long.parseLong(line.strip().split("\\s+", 2)[0]))
            .findFirst()
            .orElse(0);
    assertTrue(there >= committed, report);
    assertTrue(report.startsWith("Done: " + (DOCUMENTS - there) + " documents"), report);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "nothing ends a process gently there")
  void askedToStopItCommitsWhatItHasEncoded() throws Exception {
    Path index = folder.resolve("index");
    long committed = endAfterACommit(corpus(MANY, ""), index, 1, Process::destroy);

    String log = log();
    Matcher report = Pattern.compile("(?m)^Stopped: ([\\d,]+) documents").matcher(log);
    assertTrue(report.find(), log);
    assertFalse(log.contains("Exception"), log);
    long encoded = Long.parseLong(report.group(1).replace(",", ""));
    assertTrue(committed > 0 && encoded >= committed && encoded < MANY, log);
    assertEquals(encoded, size(index));
  }

  /** Starts the job in a JVM of its own and ends it; the size of the index right before. */
  private long endAfterACommit(Path corpus, Path index, int commitSeconds, Consumer<Process> end)
      throws Exception {
    Process job =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                IndexJsonl.class.getName(),
                corpus.toString(),
                index.toString(),
                "-m",
                TinyModel.DIRECTORY.toString(),
                "--batch=8",
                "--commit-seconds=" + commitSeconds)
            .redirectErrorStream(true)
            .redirectOutput(new File(folder.toFile(), "job.log"))
            .start();
    try {
      long committed = 0;
      while (committed == 0 && !job.waitFor(20, TimeUnit.MILLISECONDS)) {
        committed = size(index);
      }
      assertTrue(job.isAlive(), () -> "the job ended: " + log());
      end.accept(job);
      assertTrue(job.waitFor(1, TimeUnit.MINUTES), "it goes on");
      return committed;
    } finally {
      job.destroyForcibly().waitFor();
    }
  }

  private static long size(Path index) throws IOException {
    try (PassageIndex passages = PassageIndex.open(index)) {
      return passages.size();
    } catch (NoSuchFileException e) {
      return 0; // not yet
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("job.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int run(StringWriter out, StringWriter err, Path corpus, Path index) {
    return new CommandLine(new IndexJsonl())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(
            corpus.toString(), index.toString(), "-m", TinyModel.DIRECTORY.toString(), "--exact");
  }

  @Test
  void aBadLineIsNamedAndWhatCameBeforeIsKept() throws IOException {
    Path corpus = corpus("{\"_id\": \"last\"}\n");
    Path index = folder.resolve("index");
    StringWriter err = new StringWriter();

    int exit = run(new StringWriter(), err, corpus, index);

    assertEquals(1, exit);
    assertTrue(
        err.toString()
            .startsWith("index-jsonl: " + corpus + " line " + (DOCUMENTS + 1) + ": \"text\" must"),
        err.toString());
    try (PassageIndex passages = PassageIndex.open(index)) {
      assertEquals(DOCUMENTS, passages.size());
    }
  }
}
