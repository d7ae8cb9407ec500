package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** The vectors of a segment, mapped from its {@code .vec} file. Thread-safe. */
final class FloatVectors implements MappedVectors {
  private final FramedFile file;
  private final int size;
  private final int dimension;
  private final int rowBytes;
  private final int rowsPerChunk;
  private final FloatBuffer[] chunks;

  FloatVectors(FramedFile file, int size, int dimension) {
    this.file = file;
    this.size = size;
    this.dimension = dimension;
    this.rowBytes = ElementType.FLOAT32.rowBytes(dimension);
    this.rowsPerChunk = file.chunkBytes() / rowBytes;
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
  public void copy(int ordinal, float[] target) {
    verify(ordinal);
    chunks[ordinal / rowsPerChunk].get(start(ordinal), target, 0, dimension);
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    verify(ordinal);
    return Kernels.dot(chunks[ordinal / rowsPerChunk], start(ordinal), query);
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    verify(ordinal);
    verify(otherOrdinal);
    return Kernels.dot(
        chunks[ordinal / rowsPerChunk],
        start(ordinal),
        chunks[otherOrdinal / rowsPerChunk],
        start(otherOrdinal),
        dimension);
  }

  @Override
  public void verifyAll() {
    file.verifyAll();
  }

  private int start(int ordinal) {
    return ordinal % rowsPerChunk * dimension;
  }

  private void verify(int ordinal) {
    file.verify((long) ordinal * rowBytes, rowBytes);
  }
}
