package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RescoringTest {
  private final List<Integer> compared = new ArrayList<>();

  /** Rows whose full similarity is known. */
  private VectorSource.Comparison rows(float[] similarities) {
    return new VectorSource.Comparison() {
      @Override
      public float similarity(int ordinal) {
        compared.add(ordinal);
        return similarities[ordinal];
      }

      @Override
      public void similarities(int[] ordinals, int count, float[] target) {
        for (int i = 0; i < count; i++) {
          target[i] = similarity(ordinals[i]);
        }
      }
    };
  }

  /** All rows by rough similarities, the best first. */
  private static Neighbours byRough(float[] rough) {
    int[] order =
        IntStream.range(0, rough.length)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(i -> -rough[i]))
            .mapToInt(i -> i)
            .toArray();
    float[] similarities = new float[rough.length];
    for (int i = 0; i < order.length; i++) {
      similarities[i] = rough[order[i]];
    }
    return new Neighbours(order, similarities);
  }

  private static int[] best(float[] similarities, int k) {
    return IntStream.range(0, similarities.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(i -> -similarities[i]))
        .mapToInt(i -> i)
        .limit(k)
        .toArray();
  }

  @Test
  void rowsThatStandFarBelowAreNotRead() {
    float[] full = new float[30];
    float[] rough = new float[30];
    for (int i = 0; i < 30; i++) {
      full[i] = 1 - i * 0.01f;
      rough[i] = full[i] + (i % 2 == 0 ? 0.001f : -0.001f);
    }
    Neighbours found = Rescoring.best(byRough(rough), 10, rows(full));
    assertArrayEquals(best(full, 10), found.ordinals());
    assertEquals(full[9], found.similarities()[9]);
    assertEquals(10, compared.size());
  }

  @Test
  void rowsWithinTheErrorAreRead() {
    float[] full = new float[30];
    float[] rough = new float[30];
    for (int i = 0; i < 30; i++) {
      rough[i] = 1 - i * 0.001f;
      full[i] = rough[i] - (i < 5 ? 0.02f : 0); // codes flatter the first five
    }
    Neighbours found = Rescoring.best(byRough(rough), 5, rows(full));
    assertArrayEquals(new int[] {5, 6, 7, 8, 9}, found.ordinals());
    assertEquals(30, compared.size());
  }

  @Test
  void fewerRowsThanWantedAreAllGiven() {
    float[] full = {0.5f, 0.9f, 0.1f};
    Neighbours found = Rescoring.best(byRough(full), 10, rows(full));
    assertArrayEquals(new int[] {1, 0, 2}, found.ordinals());
  }

  @Test
  void oneHitIsNotJudgedByOneError() {
    float[] rough = {1, 0.9f, 0.89f};
    float[] full = {1, 0.9f, 1.2f}; // the first has no error at all
    assertArrayEquals(new int[] {2}, Rescoring.best(byRough(rough), 1, rows(full)).ordinals());
  }

  @Test
  void randomErrorsHardlyEverCostAHit() {
    Random random = new Random(5);
    int wrong = 0;
    int reads = 0;
    for (int round = 0; round < 2000; round++) {
      int k = 1 + random.nextInt(10);
      float[] full = new float[3 * k];
      float[] rough = new float[3 * k];
      for (int i = 0; i < full.length; i++) {
        full[i] = random.nextFloat();
        rough[i] = full[i] + 0.01f * (float) random.nextGaussian();
      }
      compared.clear();
      int[] found = Rescoring.best(byRough(rough), k, rows(full)).ordinals();
      if (!Arrays.equals(found, best(full, k))) {
        wrong++;
      }
      reads += compared.size() - k;
    }
    assertTrue(wrong <= 4, wrong + " of 2000 lists differ");
    assertTrue(reads < 2000 * 8, reads + " rows were read beyond k");
  }
}
