package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** Dot products. */
final class Kernels {
  private Kernels() {}

  /** Dot product of {@code a[at ..]} and {@code b}; eight sums, so that they overlap. */
  static float dot(FloatBuffer a, int at, float[] b) {
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    float s4 = 0f;
    float s5 = 0f;
    float s6 = 0f;
    float s7 = 0f;
    int i = 0;
    for (int end = b.length & ~7; i < end; i += 8) {
      s0 += a.get(at + i) * b[i];
      s1 += a.get(at + i + 1) * b[i + 1];
      s2 += a.get(at + i + 2) * b[i + 2];
      s3 += a.get(at + i + 3) * b[i + 3];
      s4 += a.get(at + i + 4) * b[i + 4];
      s5 += a.get(at + i + 5) * b[i + 5];
      s6 += a.get(at + i + 6) * b[i + 6];
      s7 += a.get(at + i + 7) * b[i + 7];
    }
    float sum = ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    for (; i < b.length; i++) {
      sum += a.get(at + i) * b[i];
    }
    return sum;
  }

  /** Dot product of {@code a[at ..]} and {@code b[bt ..]}. */
  static float dot(FloatBuffer a, int at, FloatBuffer b, int bt, int length) {
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
      s0 += a.get(at + i) * b.get(bt + i);
      s1 += a.get(at + i + 1) * b.get(bt + i + 1);
      s2 += a.get(at + i + 2) * b.get(bt + i + 2);
      s3 += a.get(at + i + 3) * b.get(bt + i + 3);
      s4 += a.get(at + i + 4) * b.get(bt + i + 4);
      s5 += a.get(at + i + 5) * b.get(bt + i + 5);
      s6 += a.get(at + i + 6) * b.get(bt + i + 6);
      s7 += a.get(at + i + 7) * b.get(bt + i + 7);
    }
    float sum = ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
    for (; i < length; i++) {
      sum += a.get(at + i) * b.get(bt + i);
    }
    return sum;
  }

  /** Dot product of the two-byte numbers {@code a[at ..]} and {@code b}. */
  static float dot(ShortBuffer a, int at, float[] b) {
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    int i = 0;
    for (int end = b.length & ~3; i < end; i += 4) {
      s0 += Half.toFloat(a.get(at + i)) * b[i];
      s1 += Half.toFloat(a.get(at + i + 1)) * b[i + 1];
      s2 += Half.toFloat(a.get(at + i + 2)) * b[i + 2];
      s3 += Half.toFloat(a.get(at + i + 3)) * b[i + 3];
    }
    float sum = (s0 + s2) + (s1 + s3);
    for (; i < b.length; i++) {
      sum += Half.toFloat(a.get(at + i)) * b[i];
    }
    return sum;
  }

  /** Dot product of the codes {@code a[at ..]} and {@code b}. */
  static int dot(ByteBuffer a, int at, byte[] b) {
    int s0 = 0;
    int s1 = 0;
    int s2 = 0;
    int s3 = 0;
    int i = 0;
    for (int end = b.length & ~3; i < end; i += 4) {
      s0 += a.get(at + i) * b[i];
      s1 += a.get(at + i + 1) * b[i + 1];
      s2 += a.get(at + i + 2) * b[i + 2];
      s3 += a.get(at + i + 3) * b[i + 3];
    }
    int sum = s0 + s1 + s2 + s3;
    for (; i < b.length; i++) {
      sum += a.get(at + i) * b[i];
    }
    return sum;
  }

  /** Dot product of the codes {@code a[at ..]} and {@code b[bt ..]}. */
  static int dot(ByteBuffer a, int at, ByteBuffer b, int bt, int length) {
    int s0 = 0;
    int s1 = 0;
    int s2 = 0;
    int s3 = 0;
    int i = 0;
    for (int end = length & ~3; i < end; i += 4) {
      s0 += a.get(at + i) * b.get(bt + i);
      s1 += a.get(at + i + 1) * b.get(bt + i + 1);
      s2 += a.get(at + i + 2) * b.get(bt + i + 2);
      s3 += a.get(at + i + 3) * b.get(bt + i + 3);
    }
    int sum = s0 + s1 + s2 + s3;
    for (; i < length; i++) {
      sum += a.get(at + i) * b.get(bt + i);
    }
    return sum;
  }
}
