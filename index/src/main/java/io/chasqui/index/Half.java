package io.chasqui.index;

/**
 * IEEE 754 binary16 numbers; JDK 17 has no conversions. Finite numbers only.
 *
 * @see <a href="https://fgiesen.wordpress.com/2012/03/28/half-to-float-done-quic/">Giesen 2012</a>
 */
final class Half {
  /** Largest finite number. */
  static final float MAX = 65_504f;

  /** 2^112 moves the exponent from a bias of 15 to one of 127, subnormals too. */
  private static final float REBIAS = 0x1p112f;

  private Half() {}

  static float toFloat(short half) {
    return Float.intBitsToFloat((half & 0x8000) << 16 | (half & 0x7fff) << 13) * REBIAS;
  }

  /** The nearest half, ties to even; what rounds beyond {@link #MAX} becomes it. */
  static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.min(Math.abs(value), MAX);
    if (magnitude < 0x1p-14f) {
      // Subnormal: a multiple of 2^-24. Adding 0.5 makes the hardware round to it.
      return (short) (sign | Float.floatToRawIntBits(magnitude + 0.5f) - 0x3f000000);
    }
    int rounded = Float.floatToRawIntBits(magnitude);
    rounded += 0xfff + (rounded >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }
}
