package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The build runs this twice, with and without the Vector API. */
class KernelTest {
  @Test
  void theKernelThatTheJvmAllowsIsChosen() {
    String expected = System.getProperty("chasqui.test.kernel", "scalar");
    assertTrue(Kernels.BEST.name().startsWith(expected), Kernels.BEST.name());
  }

  @Test
  void floatsAgreeWithASumInDoublePrecision() {
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      float[] a = new float[length + 3];
      float[] b = new float[length + 1];
      double sum = 0;
      for (int i = 0; i < length; i++) {
        a[i] = (float) random.nextGaussian();
        b[i] = (float) random.nextGaussian();
        sum += (double) a[i] * b[i];
      }
      a[length] = Float.NaN;
      b[length] = Float.NaN;
      assertEquals(sum, Kernels.BEST.dot(a, b, length), 1e-6 * (length + 1), "length " + length);
    }
  }

  @Test
  void codesAgreeExactlyAlsoAtTheirLimits() {
    Random random = new Random(2);
    for (int length = 0; length < 600; length++) {
      byte[] a = new byte[length + 1];
      byte[] b = new byte[length + 1];
      int sum = 0;
      for (int i = 0; i < length; i++) {
        a[i] = (byte) (length % 3 == 0 ? 127 : random.nextInt(255) - 127);
        b[i] =
            (byte) (length % 3 == 0 ? (length % 2 == 0 ? -127 : 127) : random.nextInt(255) - 127);
        sum += a[i] * b[i];
      }
      a[length] = 99;
      b[length] = 99;
      assertEquals(sum, Kernels.BEST.dot(a, b, length), "length " + length);
    }
  }
}
