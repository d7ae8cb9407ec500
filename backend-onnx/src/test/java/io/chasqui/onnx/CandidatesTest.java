package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Embeddings;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final float NONE = Float.NEGATIVE_INFINITY;

  private static int[] sorted(Candidates candidates) {
    int[] ordinals = candidates.ordinals();
    Arrays.sort(ordinals);
    return ordinals;
  }

  @Test
  void theBestOfAllBlocksAreKeptTheLowerOrdinalFirst() {
    Candidates candidates = new Candidates(4);
    candidates.offer(new float[] {5, 5, 9}, 3, 10);
    candidates.offer(new float[] {5, NONE, 7, 5}, 4, 0);
    assertArrayEquals(new int[] {0, 2, 3, 12}, sorted(candidates));
    assertEquals(5f, candidates.worst());
    candidates.offer(new float[] {NONE, 5, 6, 99}, 3, 20);
    assertArrayEquals(new int[] {0, 2, 12, 22}, sorted(candidates));
  }

  @Test
  void whatIsExcludedIsNoCandidateHoweverFewThereAre() {
    Candidates candidates = new Candidates(2);
    candidates.offer(new float[] {NONE, 1, NONE}, 3, 4);
    candidates.offer(new float[] {NONE, NONE}, 2, 8);
    assertArrayEquals(new int[] {5}, sorted(candidates));
  }

  @Test
  void candidatesAreThoseOfASort() {
    Random random = new Random(8);
    for (int round = 0; round < 200; round++) {
      int rows = 1 + random.nextInt(60);
      float[] scores = new float[rows];
      Integer[] order = new Integer[rows];
      for (int i = 0; i < rows; i++) {
        scores[i] = random.nextInt(9); // many are equal
        order[i] = i;
      }
      Arrays.sort(
          order, Comparator.<Integer>comparingDouble(i -> -scores[i]).thenComparing(i -> i));
      int wanted = 1 + random.nextInt(20);
      Candidates candidates = new Candidates(wanted);
      int cut = random.nextInt(rows + 1);
      candidates.offer(Arrays.copyOfRange(scores, cut, rows), rows - cut, cut);
      candidates.offer(scores, cut, 0);
      int[] expected =
          Arrays.stream(order).limit(wanted).mapToInt(Integer::intValue).sorted().toArray();
      assertArrayEquals(expected, sorted(candidates), "round " + round);
    }
  }

  @Test
  void eachQueryIsStretchedToTheWholeRangeByItself() {
    Embeddings queries =
        Embeddings.of(3, new float[] {1, -0.5f, 0, 1e-20f, 1e-20f, -1e-20f, 0, 0, 0});
    ByteBuffer codes = QueryCodes.of(queries, 0, 3);
    byte[] found = new byte[9];
    codes.get(found);
    int[] unsigned = new int[9];
    for (int i = 0; i < 9; i++) {
      unsigned[i] = found[i] & 0xFF;
    }
    assertArrayEquals(new int[] {255, 65, 128, 255, 255, 1, 128, 128, 128}, unsigned);
    assertEquals(3, QueryCodes.of(queries, 1, 2).remaining());
  }

  @Test
  void dotProductsOfAnyLength() {
    for (int length = 1; length < 20; length++) {
      float[] a = new float[length];
      float[] b = new float[length];
      float expected = 0;
      for (int i = 0; i < length; i++) {
        a[i] = i + 1;
        b[i] = 2 * i - 5;
        expected += a[i] * b[i];
      }
      assertEquals(expected, VectorRows.dot(a, b));
    }
  }
}
