package io.chasqui.index;

import io.chasqui.spi.VectorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Vectors of one-byte codes, mapped from a segment's {@code .codes} file: {@code value = code ×
 * scale}. A row is its scale as a float, then its codes. Thread-safe.
 */
final class CodeVectors implements StoredVectors {
  /**
   * Codes lie between −127 and 127, so that a sum of products stays an int up to this dimension.
   */
  static final int MAX_DIMENSION = Integer.MAX_VALUE / (127 * 127);

  private final RowFile rows;
  private final int size;
  private final int dimension;
  private final Scratch<short[]> scratch;

  CodeVectors(MappedFile file, int size, int dimension) {
    this.rows = new RowFile(file, rowBytes(dimension));
    this.size = size;
    this.dimension = dimension;
    this.scratch = Scratch.shorts(dimension);
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
    rows.verifyAll();
  }

  @Override
  public void copy(int ordinal, float[] target) {
    ByteBuffer chunk = rows.bytes(ordinal);
    int start = rows.start(ordinal);
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
  public float similarity(int ordinal, int otherOrdinal) {
    short[] codes = scratch.get();
    float scale = copy(otherOrdinal, codes);
    return similarity(ordinal, codes, scale);
  }

  private float similarity(int ordinal, short[] codes, float scale) {
    ByteBuffer chunk = rows.bytes(ordinal);
    int start = rows.start(ordinal);
    int dot = Kernels.BEST.dotMapped(rows.handle(ordinal), start + Float.BYTES, codes, dimension);
    return dot * (chunk.getFloat(start) * scale);
  }

  /** Copies the codes of a row; its scale. */
  private float copy(int ordinal, short[] codes) {
    ByteBuffer chunk = rows.bytes(ordinal);
    int start = rows.start(ordinal);
    for (int i = 0; i < dimension; i++) {
      codes[i] = chunk.get(start + Float.BYTES + i);
    }
    return chunk.getFloat(start);
  }

  @Override
  public VectorSource.Comparison compareWith(float[] query) {
    byte[] codes = new byte[dimension];
    float scale = quantise(query, codes);
    short[] wide = new short[dimension];
    for (int i = 0; i < dimension; i++) {
      wide[i] = codes[i];
    }
    return new Compared(wide, scale);
  }

  @Override
  public VectorSource.Comparison compareWith(int ordinal) {
    short[] codes = new short[dimension];
    return new Compared(codes, copy(ordinal, codes));
  }

  private final class Compared extends FourRows {
    private final short[] codes;
    private final float scale;
    private final int[] sums = new int[4];
    private final int[] codeStarts = new int[4];

    Compared(short[] codes, float scale) {
      super(rows);
      this.codes = codes;
      this.scale = scale;
    }

    @Override
    public float similarity(int ordinal) {
      return CodeVectors.this.similarity(ordinal, codes, scale);
    }

    @Override
    void compareFour(Object[] handles, ByteBuffer[] chunks, int[] starts, float[] similarities) {
      for (int row = 0; row < 4; row++) {
        codeStarts[row] = starts[row] + Float.BYTES;
      }
      Kernels.BEST.dotMapped(handles, codeStarts, codes, dimension, sums);
      for (int row = 0; row < 4; row++) {
        similarities[row] = sums[row] * (chunks[row].getFloat(starts[row]) * scale);
      }
    }
  }
}
