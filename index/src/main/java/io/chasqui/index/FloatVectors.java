package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Vectors of four-byte numbers, mapped from a segment's {@code .vec} file. Thread-safe. */
final class FloatVectors implements MappedVectors {
  private final FramedFile file;
  private final int size;
  private final int dimension;
  private final int rowBytes;
  private final int rowsPerChunk;
  private final FloatBuffer[] chunks;
  private final Scratch<float[]> one;
  private final Scratch<float[]> other;

  FloatVectors(FramedFile file, int size, int dimension) {
    this.file = file;
    this.size = size;
    this.dimension = dimension;
    this.rowBytes = ElementType.FLOAT32.rowBytes(dimension);
    this.rowsPerChunk = file.chunkBytes() / rowBytes;
    this.one = Scratch.floats(dimension);
    this.other = Scratch.floats(dimension);
    ByteBuffer[] bytes = file.chunks();
    this.chunks = new FloatBuffer[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      chunks[i] = bytes[i].asFloatBuffer(); // keeps the byte order of the mapping
    }
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

  @Override
  public void copy(int ordinal, float[] target) {
    file.verify((long) ordinal * rowBytes, rowBytes);
    int start = ordinal % rowsPerChunk * dimension;
    chunks[ordinal / rowsPerChunk].get(start, target, 0, dimension);
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    float[] row = one.get();
    copy(ordinal, row);
    return Kernels.BEST.dot(row, query, dimension);
  }

  @Override
  public Comparison compareWith(float[] query) {
    float[] row = new float[dimension];
    return ordinal -> {
      copy(ordinal, row);
      return Kernels.BEST.dot(row, query, dimension);
    };
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    float[] row = other.get();
    copy(otherOrdinal, row);
    return similarity(ordinal, row);
  }
}
