package io.chasqui.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VectorsTest {
  @TempDir Path directory;

  @Test
  void rowsComeBackAsTheyWereWritten() throws Exception {
    Path file = directory.resolve("v.f32");
    Vectors.write(file, List.of(new float[] {1, -2}, new float[] {0.5f, 1e-9f}));
    assertArrayEquals(new float[][] {{1, -2}, {0.5f, 1e-9f}}, Vectors.read(file));
  }

  @Test
  void agreementIsOfTheWorstRow() {
    float[][] one = {{1, 0}, {1, 0}};
    float[][] other = {{3, 0}, {0, 1}};
    assertEquals(0, Vectors.agreement(one, other), 1e-9);
    assertEquals(1, Vectors.agreement(one, new float[][] {{2, 0}, {5, 0}}), 1e-9);
  }

  @Test
  void singleScoresAreComparedByTheirDifference() {
    assertEquals(0.9, Vectors.agreement(new float[][] {{-10}}, new float[][] {{-9}}), 1e-6);
    assertEquals(0.75, Vectors.agreement(new float[][] {{0.25f}}, new float[][] {{0.5f}}), 1e-6);
  }

  @Test
  void otherShapesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Vectors.agreement(new float[2][3], new float[2][4]));
  }
}
