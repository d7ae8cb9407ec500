package io.chasqui.testkit;

import io.chasqui.spi.VectorSource;
import java.util.Objects;
import java.util.Random;

/** Vectors in an array: a {@link VectorSource} for tests. Immutable. */
public final class VectorArray implements VectorSource {
  private final int dimension;
  private final float[] values;

  private VectorArray(int dimension, float[] values) {
    this.dimension = dimension;
    this.values = values;
  }

  /**
   * Vectors that are there already.
   *
   * @param values [vectors, dimension], one after the other; not copied
   */
  public static VectorArray of(int dimension, float[] values) {
    if (dimension <= 0 || values.length % dimension != 0) {
      throw new IllegalArgumentException(
          values.length + " floats are no vectors of dimension " + dimension);
    }
    return new VectorArray(dimension, values);
  }

  /** Random directions, of unit length. */
  public static VectorArray random(int size, int dimension, long seed) {
    Random random = new Random(seed);
    float[] values = new float[Math.multiplyExact(size, dimension)];
    for (int v = 0; v < size; v++) {
      double squares = 0;
      for (int i = 0; i < dimension; i++) {
        float value = (float) random.nextGaussian();
        values[v * dimension + i] = value;
        squares += (double) value * value;
      }
      for (int i = 0; i < dimension; i++) {
        values[v * dimension + i] /= (float) Math.sqrt(squares);
      }
    }
    return of(dimension, values);
  }

  @Override
  public int size() {
    return values.length / dimension;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  /** A copy of one vector. */
  public float[] vector(int ordinal) {
    float[] vector = new float[dimension];
    copy(ordinal, vector);
    return vector;
  }

  @Override
  public void copy(int ordinal, float[] target) {
    Objects.checkIndex(ordinal, size());
    System.arraycopy(values, ordinal * dimension, target, 0, dimension);
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    Objects.checkIndex(ordinal, size());
    float sum = 0;
    for (int i = 0; i < dimension; i++) {
      sum += values[ordinal * dimension + i] * query[i];
    }
    return sum;
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    return similarity(ordinal, vector(otherOrdinal));
  }
}
