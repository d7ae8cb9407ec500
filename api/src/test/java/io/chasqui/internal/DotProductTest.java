package io.chasqui.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DotProductTest {
  @Test
  void dotProductsOfAnyLengthFromAnyIndexOn() {
    for (int length = 0; length < 20; length++) {
      for (int from = 0; from < 3; from++) {
        float[] a = new float[from + length + 1];
        float[] b = new float[length + 1];
        float expected = 0;
        Arrays.fill(a, 1_000f);
        Arrays.fill(b, 1_000f);
        for (int i = 0; i < length; i++) {
          a[from + i] = i + 1;
          b[i] = 2 * i - 5;
          expected += a[from + i] * b[i];
        }
        assertEquals(expected, DotProduct.of(a, from, b, length));
      }
    }
  }
}
