package io.chasqui.index;

import io.chasqui.spi.VectorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors of four-byte numbers, mapped from a segment's {@code .vec} file. Thread-safe. */
final class FloatVectors implements StoredVectors {
  private final RowFile rows;
  private final int size;
  private final int dimension;
  private final Scratch<float[]> scratch;

  FloatVectors(MappedFile file, int size, int dimension) {
    this.rows = new RowFile(file, ElementType.FLOAT32.rowBytes(dimension));
    this.size = size;
    this.dimension = dimension;
    this.scratch = Scratch.floats(dimension);
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
    int start = rows.start(ordinal);
    rows.bytes(ordinal)
        .slice(start, dimension * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(target, 0, dimension);
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    return Kernels.BEST.dotMapped(rows.handle(ordinal), rows.start(ordinal), query, dimension);
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    float[] row = scratch.get();
    copy(otherOrdinal, row);
    return similarity(ordinal, row);
  }

  @Override
  public VectorSource.Comparison compareWith(float[] query) {
    return new Compared(query);
  }

  @Override
  public VectorSource.Comparison compareWith(int ordinal) {
    float[] row = new float[dimension];
    copy(ordinal, row);
    return new Compared(row);
  }

  private final class Compared extends FourRows {
    private final float[] query;

    Compared(float[] query) {
      super(rows);
      this.query = query;
    }

    @Override
    public float similarity(int ordinal) {
      return FloatVectors.this.similarity(ordinal, query);
    }

    @Override
    void compareFour(Object[] handles, ByteBuffer[] chunks, int[] starts, float[] similarities) {
      Kernels.BEST.dotMapped(handles, starts, query, dimension, similarities);
    }
  }
}
