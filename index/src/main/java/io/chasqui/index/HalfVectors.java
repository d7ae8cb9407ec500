package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/** Vectors of two-byte numbers, mapped from a segment's {@code .vec} file. Thread-safe. */
final class HalfVectors implements StoredVectors {
  private final MappedFile file;
  private final int size;
  private final int dimension;
  private final int rowBytes;
  private final int rowsPerChunk;
  private final ShortBuffer[] chunks;
  private final Scratch<float[]> one;
  private final Scratch<float[]> other;

  HalfVectors(MappedFile file, int size, int dimension) {
    this.file = file;
    this.size = size;
    this.dimension = dimension;
    this.rowBytes = ElementType.FLOAT16.rowBytes(dimension);
    this.rowsPerChunk = file.chunkBytes() / rowBytes;
    this.one = Scratch.floats(dimension);
    this.other = Scratch.floats(dimension);
    ByteBuffer[] bytes = file.chunks();
    this.chunks = new ShortBuffer[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      chunks[i] = bytes[i].asShortBuffer();
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
    ShortBuffer chunk = chunks[ordinal / rowsPerChunk];
    int start = ordinal % rowsPerChunk * dimension;
    for (int i = 0; i < dimension; i++) {
      target[i] = Half.toFloat(chunk.get(start + i));
    }
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    float[] row = one.get();
    copy(ordinal, row);
    return Kernels.BEST.dot(row, query, dimension);
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    float[] row = other.get();
    copy(otherOrdinal, row);
    return similarity(ordinal, row);
  }
}
