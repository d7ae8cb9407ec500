package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Vectors of one-byte codes, mapped from a segment's {@code .codes} file: {@code value = code ×
 * scale}. A row is its scale as a float, then its codes. Thread-safe.
 */
final class CodeVectors implements MappedVectors {
  /**
   * Codes lie between −127 and 127, so that a sum of products stays an int up to this dimension.
   */
  static final int MAX_DIMENSION = Integer.MAX_VALUE / (127 * 127);

  private final FramedFile file;
  private final int size;
  private final int dimension;
  private final int rowBytes;
  private final int rowsPerChunk;
  private final ByteBuffer[] chunks;
  private final Scratch<byte[]> one;
  private final Scratch<byte[]> other;

  CodeVectors(FramedFile file, int size, int dimension) {
    this.file = file;
    this.size = size;
    this.dimension = dimension;
    this.rowBytes = rowBytes(dimension);
    this.rowsPerChunk = file.chunkBytes() / rowBytes;
    this.chunks = file.chunks();
    this.one = Scratch.bytes(dimension);
    this.other = Scratch.bytes(dimension);
  }

  static int rowBytes(int dimension) {
    return dimension + Float.BYTES;
  }

  /** Quantises a vector to {@code codes}; its scale. */
  static float quantise(float[] vector, byte[] codes) {
    float largest = 0f;
    for (float value : vector) {
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = largest / 127f;
    if (scale == 0f) {
      Arrays.fill(codes, (byte) 0);
      return 0f;
    }
    for (int i = 0; i < vector.length; i++) {
      codes[i] = (byte) Math.max(-127, Math.min(127, Math.round(vector[i] / scale)));
    }
    return scale;
  }

  static byte[] encode(float[] vector) {
    byte[] codes = new byte[vector.length];
    float scale = quantise(vector, codes);
    return ByteBuffer.allocate(rowBytes(vector.length))
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(scale)
        .put(codes)
        .array();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public void verifyAll() {
    file.verifyAll();
  }

  private ByteBuffer chunk(int ordinal) {
    file.verify((long) ordinal * rowBytes, rowBytes);
    return chunks[ordinal / rowsPerChunk];
  }

  private int start(int ordinal) {
    return ordinal % rowsPerChunk * rowBytes;
  }

  @Override
  public void copy(int ordinal, float[] target) {
    ByteBuffer chunk = chunk(ordinal);
    int start = start(ordinal);
    float scale = chunk.getFloat(start);
    for (int i = 0; i < dimension; i++) {
      target[i] = chunk.get(start + Float.BYTES + i) * scale;
    }
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    return compareWith(query).similarity(ordinal);
  }

  @Override
  public Comparison compareWith(float[] query) {
    byte[] codes = new byte[dimension];
    float scale = quantise(query, codes);
    byte[] row = new byte[dimension];
    return ordinal -> {
      float rowScale = copy(ordinal, row);
      return Kernels.BEST.dot(row, codes, dimension) * (rowScale * scale);
    };
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    byte[] a = one.get();
    byte[] b = other.get();
    float scale = copy(ordinal, a) * copy(otherOrdinal, b);
    return Kernels.BEST.dot(a, b, dimension) * scale;
  }

  /** Copies the codes of a row; its scale. */
  private float copy(int ordinal, byte[] codes) {
    ByteBuffer chunk = chunk(ordinal);
    int start = start(ordinal);
    chunk.get(start + Float.BYTES, codes, 0, dimension);
    return chunk.getFloat(start);
  }
}
