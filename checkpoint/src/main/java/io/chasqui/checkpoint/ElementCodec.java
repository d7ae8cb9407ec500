package io.chasqui.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Floats out of and into little-endian bytes of any floating-point element type. */
final class ElementCodec {
  /** Elements converted at a time: small enough for the cache, long enough for the vectoriser. */
  private static final int BLOCK = 4096;

  private ElementCodec() {}

  /**
   * Widens (F64: rounds) consecutive elements.
   *
   * @param bytes from its position on; the position is not moved
   * @param count elements; as many are in {@code bytes}
   */
  static void decode(DType dtype, ByteBuffer bytes, float[] target, int at, int count) {
    ByteBuffer source = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> source.asFloatBuffer().get(target, at, count);
      case F64 -> {
        double[] block = new double[Math.min(BLOCK, count)];
        var doubles = source.asDoubleBuffer();
        for (int done = 0; done < count; done += block.length) {
          int n = Math.min(block.length, count - done);
          doubles.get(block, 0, n);
          for (int i = 0; i < n; i++) {
            target[at + done + i] = (float) block[i];
          }
        }
      }
      case F16 -> {
        short[] block = new short[Math.min(BLOCK, count)];
        var shorts = source.asShortBuffer();
        for (int done = 0; done < count; done += block.length) {
          int n = Math.min(block.length, count - done);
          shorts.get(block, 0, n);
          for (int i = 0; i < n; i++) {
            target[at + done + i] = Float16.halfToFloat(block[i]);
          }
        }
      }
      case BF16 -> {
        short[] block = new short[Math.min(BLOCK, count)];
        var shorts = source.asShortBuffer();
        for (int done = 0; done < count; done += block.length) {
          int n = Math.min(block.length, count - done);
          shorts.get(block, 0, n);
          for (int i = 0; i < n; i++) {
            target[at + done + i] = Float16.bfloat16ToFloat(block[i]);
          }
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not a floating-point type");
    }
  }

  /** Narrows (F64: widens) floats; {@code target} advances. */
  static void encode(DType dtype, float[] source, int from, int count, ByteBuffer target) {
    for (int i = from; i < from + count; i++) {
      switch (dtype) {
        case F32 -> target.putFloat(source[i]);
        case F64 -> target.putDouble(source[i]);
        case F16 -> target.putShort(Float16.floatToHalf(source[i]));
        case BF16 -> target.putShort(Float16.floatToBfloat16(source[i]));
        default -> throw new IllegalArgumentException(dtype + " is not a floating-point type");
      }
    }
  }
}
