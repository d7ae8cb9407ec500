package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final int DIMENSION = 8;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(1);
    List<Passage> passages = new ArrayList<>();
    float[] values = new float[500 * DIMENSION];
    for (int i = 0; i < 500; i++) {
      passages.add(Passage.of("p" + i, "text " + i));
      for (int j = 0; j < DIMENSION; j++) {
        values[i * DIMENSION + j] = (float) random.nextGaussian();
      }
    }
    try (PassageIndex index =
        PassageIndex.create(
            index(),
            EmbeddingSpace.named("test", DIMENSION),
            IndexOptions.defaults().withGraphFrom(100))) {
      index.add(passages, Embeddings.of(DIMENSION, values));
      index.commit();
      index.remove(List.of("p3"));
      index.commit();
    }
  }

  private Path index() {
    return folder.resolve("index");
  }

  private int run(String... args) {
    return Doctor.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private void damage(String suffix) throws IOException {
    try (var files = Files.list(index())) {
      Path file = files.filter(f -> f.toString().endsWith(suffix)).findAny().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[100] ^= 1;
      Files.write(file, bytes);
    }
  }

  @Test
  void infoTellsWhatIsThere() {
    assertEquals(0, run("info", index().toString()), err.toString());
    assertTrue(out.toString().contains("passages    499, of dimension 8"), out.toString());
    assertTrue(out.toString().contains("1, 1 of them with a graph"), out.toString());
  }

  @Test
  void recallIsPrintedWithTheTimes() {
    assertEquals(0, run("recall", index().toString(), "-k", "5", "-n", "30"), err.toString());
    assertTrue(out.toString().startsWith("recall@5  "), out.toString());
    assertTrue(out.toString().contains("over 30 passages as queries"), out.toString());
    assertEquals(2, run("recall", index().toString(), "-k", "0"));
  }

  @Test
  void checkSaysWhatToDoAndItHelps() throws IOException {
    assertEquals(0, run("check", index().toString()));
    assertTrue(out.toString().contains("generation 3: intact, 499 passages"), out.toString());
    damage(".hnsw");
    assertEquals(1, run("check", index().toString()));
    assertTrue(out.toString().contains("rebuild-graphs"), out.toString());
    assertEquals(0, run("rebuild-graphs", index().toString()), err.toString());
    assertEquals(0, run("compact", index().toString()), err.toString());
    assertEquals(0, run("check", index().toString()), out.toString());
    try (var manifests = Files.list(index())) {
      assertEquals(2, manifests.filter(f -> f.toString().contains("MANIFEST")).count());
    }
  }

  @Test
  void aDamagedGenerationIsRolledBack() throws IOException {
    damage(".del");
    assertEquals(1, run("check", index().toString()));
    assertTrue(out.toString().contains("DAMAGED"), out.toString());
    assertTrue(out.toString().contains("goes back to generation 2"), out.toString());
    assertEquals(0, run("rollback", index().toString(), "2"), err.toString());
    assertEquals(0, run("check", index().toString()));
  }

  @Test
  void whatIsNoIndexIsSaidInOneLine() {
    assertEquals(1, run("check", folder.toString()));
    assertEquals(
        "doctor: " + folder + ": there is no index here (no MANIFEST-<generation>)",
        err.toString().strip());
    assertEquals(0, run("recall", "--help"));
    assertTrue(out.toString().contains("--queries"), out.toString());
  }
}
