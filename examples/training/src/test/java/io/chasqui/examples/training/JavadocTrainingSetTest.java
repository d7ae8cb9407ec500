package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocTrainingSetTest {
  private static final String KEPT_OUT =
      "Opens the secret door of the held out library with a key that nobody else may ever see.";

  @TempDir Path directory;

  @Test
  void theHeldOutLibraryAndItsCopiesStayOut() throws IOException {
    Path jars = Files.createDirectories(directory.resolve("jars"));
    jar(jars.resolve("guava-33.4.0-jre-sources.jar"), "Secret", KEPT_OUT, "open");
    String own =
        "Waters the roses in the garden of the library that may be read by everybody. Takes an"
            + " hour on dry days and no time at all when it rains in the afternoon.";
    jar(
        jars.resolve("garden-1.0-sources.jar"),
        "Garden",
        own,
        "water",
        KEPT_OUT,
        "copied",
        own,
        "again");
    List<String> warnings = new ArrayList<>();

    JavadocTrainingSet.Summary summary =
        new JavadocTrainingSet("guava", 1).write(jars, directory, warnings::add);

    assertEquals(1, summary.passages());
    assertEquals(1, summary.copies());
    assertEquals(1, summary.repeated());
    assertTrue(summary.train() + summary.dev() > 0, summary.toString());
    for (String file : List.of("corpus.jsonl", "train.jsonl", "dev.jsonl")) {
      assertFalse(Files.readString(directory.resolve(file)).contains("secret"), file);
    }
    assertTrue(
        Files.readString(directory.resolve("corpus.jsonl"))
            .contains("\"garden:org.example.Garden#water()\""));
    assertEquals(List.of(), warnings);
  }

  @Test
  void sourceThatIsNoJavaIsReportedAndLeftOut() throws IOException {
    Path jars = Files.createDirectories(directory.resolve("jars"));
    jar(jars.resolve("guava-1-sources.jar"), "Secret", KEPT_OUT, "open");
    try (ZipOutputStream zip = zip(jars.resolve("odd-1-sources.jar"))) {
      zip.putNextEntry(new ZipEntry("Odd.java"));
      zip.write("class {".getBytes(StandardCharsets.UTF_8));
    }
    List<String> warnings = new ArrayList<>();

    new JavadocTrainingSet("guava", 1).write(jars, directory, warnings::add);

    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).startsWith("Odd.java: "), warnings.get(0));
  }

  @Test
  void jarsAreNeededAndTheHeldOutOneAmongThem() throws IOException {
    JavadocTrainingSet set = new JavadocTrainingSet("guava", 1);

    IOException none =
        assertThrows(IOException.class, () -> set.write(directory, directory, w -> {}));
    assertTrue(none.getMessage().contains("-Pjavadoc-jars"), none.getMessage());
    jar(directory.resolve("garden-1.0-sources.jar"), "Garden", KEPT_OUT, "water");
    IOException lacking =
        assertThrows(IOException.class, () -> set.write(directory, directory, w -> {}));
    assertTrue(lacking.getMessage().contains("no sources jar of guava"), lacking.getMessage());
  }

  private static void jar(Path file, String type, String... textsAndMethods) throws IOException {
    StringBuilder source = new StringBuilder("package org.example;\npublic class " + type + " {\n");
    for (int i = 0; i < textsAndMethods.length; i += 2) {
      source.append("/** ").append(textsAndMethods[i]).append(" */\npublic void ");
      source.append(textsAndMethods[i + 1]).append("() {}\n");
    }
    try (ZipOutputStream zip = zip(file)) {
      zip.putNextEntry(new ZipEntry("org/example/" + type + ".java"));
      zip.write(source.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static ZipOutputStream zip(Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    return new ZipOutputStream(out);
  }
}
