package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmbeddingsTest {
  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }

  @Test
  void rowsAreContiguous() {
    Embeddings rows = Embeddings.of(2, new float[] {1, 2, 3, 4, 5, 6});
    assertEquals(3, rows.size());
    assertEquals(2, rows.dimension());
    assertArrayEquals(new float[] {3, 4}, rows.row(1));
    float[] target = new float[4];
    rows.copyRow(2, target, 1);
    assertArrayEquals(new float[] {0, 5, 6, 0}, target);
    assertEquals(3 * 10 + 4 * 100, rows.dot(1, new float[] {10, 100}));
  }

  @Test
  void aRowIsACopy() {
    Embeddings rows = Embeddings.of(1, new float[] {1});
    rows.row(0)[0] = 9;
    assertEquals(1f, rows.row(0)[0]);
  }

  @Test
  void rowsKnowIfTheyWereCutOrFailed() {
    BitSet truncated = bits(0);
    Embeddings rows =
        Embeddings.of(1, new float[] {1, Float.NaN}, truncated, Map.of(1, "NaN in the output"));
    truncated.set(1);
    assertTrue(rows.isTruncated(0));
    assertFalse(rows.isTruncated(1));
    assertEquals(1, rows.truncatedCount());
    assertEquals(Optional.of("NaN in the output"), rows.failure(1));
    assertEquals(Optional.empty(), rows.failure(0));
    assertTrue(rows.hasFailures());
    assertEquals(0f, rows.row(1)[0]);
  }

  @Test
  void aValueThatIsNotFiniteIsNoVector() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      var error =
          assertThrows(
              IllegalArgumentException.class, () -> Embeddings.of(2, new float[] {0, 0, 1, bad}));
      assertTrue(error.getMessage().contains("row 1"), error.getMessage());
    }
  }

  @Test
  void sizesMustFit() {
    assertThrows(IllegalArgumentException.class, () -> Embeddings.of(2, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> Embeddings.of(0, new float[0]));
    assertEquals(0, Embeddings.of(2, new float[0]).size());
    Embeddings rows = Embeddings.of(2, new float[4]);
    assertThrows(IllegalArgumentException.class, () -> rows.dot(0, new float[3]));
    assertThrows(IndexOutOfBoundsException.class, () -> rows.row(2));
    assertThrows(IndexOutOfBoundsException.class, () -> rows.isTruncated(2));
    assertThrows(IndexOutOfBoundsException.class, () -> rows.failure(-1));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Embeddings.of(2, new float[4], bits(), Map.of(2, "no such row")));
  }
}
