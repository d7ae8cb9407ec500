package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
  @Test
  void widensEveryHalfExactly() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Float16.halfToFloat((short) bits);
      assertEquals(
          Float.floatToIntBits(defined(bits)), Float.floatToIntBits(value), "half " + bits);
    }
  }

  @Test
  void everyHalfAndBfloat16SurvivesARoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float half = Float16.halfToFloat((short) bits);
      short again = Float16.floatToHalf(half);
      assertTrue(Float.isNaN(half) ? isHalfNan(again) : again == (short) bits, "half " + bits);
      float brain = Float16.bfloat16ToFloat((short) bits);
      short brainAgain = Float16.floatToBfloat16(brain);
      boolean nan = Float.isNaN(Float16.bfloat16ToFloat(brainAgain));
      assertTrue(Float.isNaN(brain) ? nan : brainAgain == (short) bits, "bfloat16 " + bits);
    }
  }

  @Test
  void narrowingRoundsToTheNearestAndTiesToEven() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      double low = Float16.halfToFloat((short) bits);
      double high = bits == 0x7bff ? 65536 : Float16.halfToFloat((short) (bits + 1));
      float middle = (float) ((low + high) / 2);
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertEquals((short) even, Float16.floatToHalf(middle), "between " + low + " and " + high);
      assertEquals((short) bits, Float16.floatToHalf(Math.nextDown(middle)));
      assertEquals((short) (bits + 1), Float16.floatToHalf(Math.nextUp(middle)));
      assertEquals((short) (even | 0x8000), Float16.floatToHalf(-middle));
    }
    assertEquals((short) 0x7c00, Float16.floatToHalf(1e30f));
    assertEquals((short) 0xfc00, Float16.floatToHalf(Float.NEGATIVE_INFINITY));
  }

  @Test
  void narrowingToBfloat16RoundsToTheNearestAndTiesToEven() {
    Random random = new Random(16);
    for (int i = 0; i < 200_000; i++) {
      int high = random.nextInt(0x7f80);
      int low = random.nextInt(4) == 0 ? 0x8000 : random.nextInt(1 << 16);
      boolean up = low > 0x8000 || (low == 0x8000 && (high & 1) == 1);
      float value = Float.intBitsToFloat(high << 16 | low);
      assertEquals((short) (up ? high + 1 : high), Float16.floatToBfloat16(value), "" + value);
    }
  }

  /** What IEEE 754 says, in plain arithmetic. */
  private static float defined(int bits) {
    int sign = (bits & 0x8000) == 0 ? 1 : -1;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 31) {
      return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    }
    double magnitude =
        exponent == 0
            ? Math.scalb((double) fraction, -24)
            : Math.scalb(1024.0 + fraction, exponent - 25);
    return sign * (float) magnitude;
  }

  private static boolean isHalfNan(short half) {
    return (half & 0x7fff) > 0x7c00;
  }
}
