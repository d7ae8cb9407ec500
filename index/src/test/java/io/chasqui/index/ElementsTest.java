package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElementsTest {
  @Test
  void everyHalfSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      if ((bits & 0x7c00) == 0x7c00) {
        continue; // infinities and NaN
      }
      assertEquals((short) bits, Half.of(Half.toFloat((short) bits)), "half " + bits);
    }
    assertEquals(1f, Half.toFloat((short) 0x3c00));
    assertEquals(0x1p-24f, Half.toFloat((short) 1));
    assertEquals(Half.MAX, Half.toFloat((short) 0x7bff));
  }

  @Test
  void aFloatBecomesTheNearestHalf() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      float value = (random.nextFloat() - 0.5f) * (float) Math.pow(2, random.nextInt(46) - 28);
      float back = Half.toFloat(Half.of(value));
      short half = Half.of(value);
      float error = Math.abs(back - value);
      for (int other : new int[] {half - 1, half + 1}) {
        if ((other & 0x7c00) != 0x7c00 && ((other ^ half) & 0x8000) == 0) {
          assertTrue(error <= Math.abs(Half.toFloat((short) other) - value), "" + value);
        }
      }
    }
    assertEquals(Half.toFloat((short) 0x3c00), Half.toFloat(Half.of(1 + 0x1p-11f)), "tie to even");
    assertEquals(Half.toFloat((short) 0x3c02), Half.toFloat(Half.of(1 + 3 * 0x1p-11f)), "tie");
  }

  @Test
  void kernelsAgreeWithPlainSumsAtEveryLength() throws IOException {
    Random random = new Random(2);
    for (int dimension = 1; dimension < 70; dimension++) {
      float[] values = new float[2 * dimension];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      float[] query = java.util.Arrays.copyOf(values, dimension);
      double sum = 0;
      for (int i = 0; i < dimension; i++) {
        sum += (double) query[i] * values[dimension + i];
      }
      for (ElementType elements : ElementType.values()) {
        try (PassageIndex index =
            PassageIndex.create(
                new MemoryFiles(),
                Path.of("index"),
                EmbeddingSpace.named("test", dimension),
                IndexOptions.exact().withElements(elements))) {
          index.add(
              List.of(Passage.of("a", ""), Passage.of("b", "")),
              Embeddings.of(dimension, values.clone()));
          index.commit();
          double tolerance = elements == ElementType.FLOAT16 ? 2e-3 * dimension : 1e-5 * dimension;
          double found =
              index.search(query, 2).stream()
                  .filter(hit -> hit.id().equals("b"))
                  .findFirst()
                  .orElseThrow()
                  .score();
          assertEquals(sum, found, tolerance, elements + " at " + dimension);
        }
      }
    }
  }

  @Test
  void whatAHalfCannotHoldIsRefused() throws IOException {
    try (PassageIndex index =
        PassageIndex.create(
            new MemoryFiles(),
            Path.of("index"),
            EmbeddingSpace.named("test", 2),
            IndexOptions.exact().withElements(ElementType.FLOAT16))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> index.add(List.of(Passage.of("a", "")), Embeddings.of(2, new float[] {1, 70_000})));
    }
  }
}
