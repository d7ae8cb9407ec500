package io.chasqui.internal;

/** Dot products in plain Java. */
public final class DotProduct {
  private DotProduct() {}

  /**
   * Of {@code length} floats of {@code a} from an index on and of the first ones of {@code b}.
   * Eight sums go on side by side, so that no addition waits for the one before; the order of
   * additions depends on the length alone.
   */
  public static float of(float[] a, int from, float[] b, int length) {
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    float s4 = 0f;
    float s5 = 0f;
    float s6 = 0f;
    float s7 = 0f;
    int i = 0;
    for (int end = length & ~7; i < end; i += 8) {
      s0 += a[from + i] * b[i];
      s1 += a[from + i + 1] * b[i + 1];
      s2 += a[from + i + 2] * b[i + 2];
      s3 += a[from + i + 3] * b[i + 3];
      s4 += a[from + i + 4] * b[i + 4];
      s5 += a[from + i + 5] * b[i + 5];
      s6 += a[from + i + 6] * b[i + 6];
      s7 += a[from + i + 7] * b[i + 7];
    }
    float sum = ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    for (; i < length; i++) {
      sum += a[from + i] * b[i];
    }
    return sum;
  }
}
