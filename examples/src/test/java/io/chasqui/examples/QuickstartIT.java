package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The quickstart from jar to screen, on two packages of Guava instead of all. */
class QuickstartIT {
  private static final List<String> PACKAGES =
      List.of("com/google/common/util/concurrent/", "com/google/common/base/");

  @TempDir private static Path folder;
  private static Path jar;

  @BeforeAll
  static void copyTwoPackages() throws IOException {
    jar = folder.resolve("part-of-guava-sources.jar");
    Path all = JavadocCorpus.jarWith(Quickstart.ANY_SOURCE_FILE);
    try (JarFile from = new JarFile(all.toFile());
        OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (JarEntry entry : from.stream().toList()) {
        String folderName = entry.getName().replaceFirst("[^/]*$", "");
        String fileName = entry.getName().substring(folderName.length());
        // From R on, to keep this short: RateLimiter, Splitter, Stopwatch …
        if (PACKAGES.contains(folderName) && fileName.compareTo("R") > 0) {
          to.putNextEntry(new ZipEntry(entry.getName()));
          from.getInputStream(entry).transferTo(to);
          to.closeEntry();
        }
      }
    }
  }

  /** Exit code, then what was printed to either stream. */
  private record Outcome(int exit, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new Quickstart())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Outcome(exit, out.toString(), err.toString());
  }

  private static Outcome ask(Path index, Path model, String... question) {
    List<String> args =
        List.of("-m", model.toString(), "-i", index.toString(), "-s", jar.toString(), "-k", "3");
    return run(Stream.concat(args.stream(), Stream.of(question)).toArray(String[]::new));
  }

  @Test
  void theFirstRunIndexesAndTheNextOneReopens() {
    Path index = folder.resolve("index");
    Outcome first = ask(index, TinyModel.DIRECTORY, Quickstart.QUESTIONS.get(0));
    assertEquals(0, first.exit(), first.err());
    assertTrue(first.out().contains("part-of-guava-sources.jar"), first.out());
    String titles =
        first
            .out()
            .lines()
            .filter(l -> l.matches(" [123]\\. .*"))
            .collect(Collectors.joining("\n"));
    assertTrue(titles.contains("RateLimiter"), first.out());
    assertTrue(first.out().contains("retrieve: 20 passages in "), first.out());
    assertTrue(first.out().contains("rerank: 20 passages in "), first.out());
    first.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));

    Outcome second = ask(index, TinyModel.DIRECTORY, "measure how long a piece of code took");
    assertEquals(0, second.exit(), second.err());
    assertTrue(second.out().contains("opened in"), second.out());
    assertTrue(second.out().contains(" 1. Stopwatch"), second.out());
  }

  @Test
  void anotherModelsIndexIsRefusedByName() throws IOException {
    Path index = folder.resolve("refused");
    assertEquals(0, ask(index, TinyModel.DIRECTORY, "x").exit());
    Path other = copy(TinyModel.DIRECTORY, folder.resolve("other-model"));
    Path card = other.resolve("chasqui.json");
    Files.writeString(card, Files.readString(card).replace("\"passage\" : 80", "\"passage\" : 60"));

    Outcome outcome = ask(index, other, "x");

    assertEquals(1, outcome.exit());
    assertTrue(outcome.err().contains("can't be compared"), outcome.err());
    assertTrue(outcome.err().contains("80"), outcome.err());
    assertFalse(outcome.err().contains("\tat "), outcome.err());
  }

  @Test
  void anIndexOfAnotherJarIsRefusedByName() throws IOException {
    Path index = folder.resolve("other-jar");
    assertEquals(0, ask(index, TinyModel.DIRECTORY, "x").exit());
    Path renamed = Files.copy(jar, folder.resolve("renamed-sources.jar"));
    Outcome outcome =
        run(
            "-m",
            TinyModel.DIRECTORY.toString(),
            "-i",
            index.toString(),
            "-s",
            renamed.toString(),
            "x");
    assertEquals(1, outcome.exit());
    assertTrue(outcome.err().contains("part-of-guava-sources.jar"), outcome.err());
  }

  @Test
  void aModelThatIsNotThereIsSaidInOneLine() {
    Outcome outcome = run("-m", folder.resolve("nowhere").toString(), "x");
    assertEquals(1, outcome.exit());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertTrue(outcome.err().contains("nowhere"), outcome.err());
  }

  @Test
  void helpFitsTheScreenAndBadNumbersAreUsageErrors() {
    Outcome help = run("--help");
    assertEquals(0, help.exit());
    help.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    assertEquals(2, run("--hits", "0", "x").exit());
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }
}
