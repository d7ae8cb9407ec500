package io.chasqui.checkpoint;

/**
 * Conversions between float and the two 16-bit formats: IEEE binary16 ("F16") and bfloat16
 * ("BF16"). Widening is exact; narrowing rounds to nearest, ties to even, and overflows to
 * infinity. (The JDK has these from 20 on, for binary16 only.)
 */
public final class Float16 {
  private static final int FLOAT_INFINITY = 0x7f80_0000;
  private static final int HALF_INFINITY = 0x7c00;
  private static final int QUIET_NAN_BIT = 0x0200;

  /** 2^-14, the smallest normal half, as float bits. */
  private static final int SMALLEST_NORMAL_HALF = 0x3880_0000;

  /** 65520, half-way between the greatest half and 65536: from here on rounding gives infinity. */
  private static final int ROUNDS_TO_INFINITY = 0x477f_f000;

  private Float16() {}

  /** The value of a binary16; NaN payloads are kept. */
  public static float halfToFloat(short half) {
    int magnitude = (half & 0x7fff) << 13;
    // Exponents differ by a bias of 112; the product is exact, for subnormals too.
    int bits = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * 0x1p112f);
    int special = (half & HALF_INFINITY) == HALF_INFINITY ? magnitude | FLOAT_INFINITY : bits;
    return Float.intBitsToFloat(special | (half & 0x8000) << 16);
  }

  /** The nearest binary16, ties to even; NaN stays NaN. */
  public static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fff_ffff;
    int half;
    if (magnitude > FLOAT_INFINITY) {
      half = HALF_INFINITY | QUIET_NAN_BIT | (magnitude >>> 13 & 0x3ff);
    } else if (magnitude >= ROUNDS_TO_INFINITY) {
      half = HALF_INFINITY;
    } else if (magnitude < SMALLEST_NORMAL_HALF) {
      // An ulp of 0.5 is the smallest subnormal half: the addition rounds.
      float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
      half = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(0.5f);
    } else {
      half = (magnitude - (112 << 23) + 0xfff + (magnitude >>> 13 & 1)) >>> 13;
    }
    return (short) (sign | half);
  }

  /** The value of a bfloat16. */
  public static float bfloat16ToFloat(short value) {
    return Float.intBitsToFloat(value << 16);
  }

  /** The nearest bfloat16, ties to even; NaN stays NaN. */
  public static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fff_ffff) > FLOAT_INFINITY) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}
