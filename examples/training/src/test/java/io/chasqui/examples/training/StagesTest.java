package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagesTest {
  @TempDir Path directory;

  private final List<String> worked = new ArrayList<>();
  private final StringWriter said = new StringWriter();
  private Stages stages;

  @BeforeEach
  void open() {
    stages = new Stages(directory, new PrintWriter(said));
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws IOException {
    Stages.Done first = stages.run("mine", List.of("k=3"), this::work);
    Stages.Done second = stages.run("mine", List.of("k=3"), this::work);

    assertEquals(first, second);
    assertEquals(1, worked.size());
    assertEquals("result", Files.readString(second.file("out")));
    assertTrue(said.toString().contains("done before"), said.toString());
  }

  @Test
  void anotherInputMakesAnotherResult() throws IOException {
    Stages.Done three = stages.run("mine", List.of("k=3"), this::work);
    Stages.Done four = stages.run("mine", List.of("k=4"), this::work);
    Stages.Done after = stages.run("train", List.of(three.key()), this::work);

    assertNotEquals(three.key(), four.key());
    assertNotEquals(after.key(), stages.run("train", List.of(four.key()), this::work).key());
    assertEquals(4, worked.size());
  }

  @Test
  void inputsAreNotGluedTogether() throws IOException {
    assertNotEquals(
        stages.run("mine", List.of("ab", "c"), this::work).key(),
        stages.run("mine", List.of("a", "bc"), this::work).key());
  }

  @Test
  void aStageThatFailedGoesOnWithWhatItLeft() throws IOException {
    assertThrows(
        IOException.class,
        () ->
            stages.run(
                "train",
                List.of("x"),
                target -> {
                  Files.writeString(target.resolve("checkpoint"), "half");
                  throw new IOException("killed");
                }));

    Stages.Done done =
        stages.run(
            "train",
            List.of("x"),
            target -> assertEquals("half", Files.readString(target.resolve("checkpoint"))));

    assertTrue(said.toString().contains("goes on"), said.toString());
    assertTrue(Files.exists(done.file("checkpoint")));
    assertFalse(Files.exists(directory.resolve(done.directory().getFileName() + ".partial")));
  }

  @Test
  void theInputsCanBeRead() throws IOException {
    Stages.Done done = stages.run("mine", List.of("k=3"), this::work);

    assertEquals(
        "mine\nk=3\n",
        Files.readString(directory.resolve(done.directory().getFileName() + ".inputs")));
  }

  @Test
  void aDirectorysHashIsThatOfItsFilesAndTheirNames() throws IOException {
    Path a = Files.createDirectories(directory.resolve("a"));
    Path b = Files.createDirectories(directory.resolve("b"));
    Files.writeString(a.resolve("x"), "1");
    Files.writeString(b.resolve("x"), "1");

    assertEquals(Stages.sha256(a), Stages.sha256(b));
    Files.writeString(b.resolve("x"), "2");
    assertNotEquals(Stages.sha256(a), Stages.sha256(b));
    Files.move(b.resolve("x"), b.resolve("y"));
    Files.writeString(b.resolve("y"), "1");
    assertNotEquals(Stages.sha256(a), Stages.sha256(b));
  }

  private void work(Path target) throws IOException {
    worked.add(target.toString());
    Files.writeString(target.resolve("out"), "result");
  }
}
