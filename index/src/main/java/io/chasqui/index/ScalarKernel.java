package io.chasqui.index;

import io.chasqui.internal.DotProduct;
import java.nio.ByteBuffer;

/** Dot products with eight sums each, so that the additions overlap. */
final class ScalarKernel implements Kernel {
  @Override
  public String name() {
    return "scalar, eight sums";
  }

  @Override
  public float dot(float[] a, float[] b, int length) {
    return DotProduct.of(a, 0, b, length);
  }

  @Override
  public int dot(byte[] a, byte[] b, int length) {
    int s0 = 0;
    int s1 = 0;
    int s2 = 0;
    int s3 = 0;
    int i = 0;
    for (int end = length & ~3; i < end; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    int sum = s0 + s1 + s2 + s3;
    for (; i < length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public Object handle(ByteBuffer mapped) {
    return mapped;
  }

  @Override
  public float dotMapped(Object handle, int at, float[] query, int length) {
    ByteBuffer row = (ByteBuffer) handle;
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    int i = 0;
    for (int end = length & ~3; i < end; i += 4) {
      int byteAt = at + i * Float.BYTES;
      s0 += row.getFloat(byteAt) * query[i];
      s1 += row.getFloat(byteAt + Float.BYTES) * query[i + 1];
      s2 += row.getFloat(byteAt + 2 * Float.BYTES) * query[i + 2];
      s3 += row.getFloat(byteAt + 3 * Float.BYTES) * query[i + 3];
    }
    float sum = (s0 + s1) + (s2 + s3);
    for (; i < length; i++) {
      sum += row.getFloat(at + i * Float.BYTES) * query[i];
    }
    return sum;
  }

  @Override
  public void dotMapped(Object[] handles, int[] at, float[] query, int length, float[] sums) {
    for (int row = 0; row < 4; row++) {
      sums[row] = dotMapped(handles[row], at[row], query, length);
    }
  }

  @Override
  public int dotMapped(Object handle, int at, short[] codes, int length) {
    ByteBuffer row = (ByteBuffer) handle;
    int s0 = 0;
    int s1 = 0;
    int s2 = 0;
    int s3 = 0;
    int i = 0;
    for (int end = length & ~3; i < end; i += 4) {
      s0 += row.get(at + i) * codes[i];
      s1 += row.get(at + i + 1) * codes[i + 1];
      s2 += row.get(at + i + 2) * codes[i + 2];
      s3 += row.get(at + i + 3) * codes[i + 3];
    }
    int sum = s0 + s1 + s2 + s3;
    for (; i < length; i++) {
      sum += row.get(at + i) * codes[i];
    }
    return sum;
  }

  @Override
  public void dotMapped(Object[] handles, int[] at, short[] codes, int length, int[] sums) {
    for (int row = 0; row < 4; row++) {
      sums[row] = dotMapped(handles[row], at[row], codes, length);
    }
  }
}
