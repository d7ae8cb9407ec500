package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Embeddings;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final float NONE = Float.NEGATIVE_INFINITY;

  @Test
  void theBestOfAllBlocksAreKeptTheLowerOrdinalFirst() {
    Candidates candidates = new Candidates(2, 4);
    candidates.merge(0, new float[] {9, 5, 5}, new int[] {12, 10, 11});
    candidates.merge(0, new float[] {7, 5, 5}, new int[] {2, 0, 3});
    candidates.merge(1, new float[] {1, NONE}, new int[] {4, 5});
    assertArrayEquals(new int[] {12, 2, 0, 3}, candidates.of(0));
    assertArrayEquals(new int[] {4}, candidates.of(1));
    assertEquals(7f, candidates.score(0, 1));
    candidates.merge(1, new float[] {NONE, NONE}, new int[] {6, 7});
    assertArrayEquals(new int[] {4}, candidates.of(1));
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
