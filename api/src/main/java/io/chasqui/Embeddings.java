package io.chasqui;

import io.chasqui.internal.DotProduct;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Dense vectors in rows of one dimension, contiguous, with what has to be known of each row:
 * whether its text was cut, and why it failed if it did. Immutable.
 */
public final class Embeddings {
  private final int dimension;
  private final int rows;
  private final float[] values; // [rows, dimension]
  private final BitSet truncated;
  private final Map<Integer, String> failures;

  private Embeddings(
      int dimension, int rows, float[] values, BitSet truncated, Map<Integer, String> failures) {
    this.dimension = dimension;
    this.rows = rows;
    this.values = values;
    this.truncated = truncated;
    this.failures = failures;
  }

  /**
   * Vectors whose texts were neither cut nor failed.
   *
   * @param dimension floats per row
   * @param values [rows, dimension], row after row; taken over, not copied: do not write to it
   *     again
   */
  public static Embeddings of(int dimension, float[] values) {
    return of(dimension, values, new BitSet(), Map.of());
  }

  /**
   * Vectors with what is to be known of each row.
   *
   * @param dimension floats per row
   * @param values [rows, dimension], row after row; taken over, not copied
   * @param truncated rows whose text was longer than the model's limit and was cut
   * @param failures reason by row, for rows that could not be encoded; their values are zero
   * @throws IllegalArgumentException if a row that did not fail has a value that is not finite
   */
  public static Embeddings of(
      int dimension, float[] values, BitSet truncated, Map<Integer, String> failures) {
    if (dimension <= 0 || values.length % dimension != 0) {
      throw new IllegalArgumentException(
          values.length + " floats are no rows of dimension " + dimension);
    }
    int rows = values.length / dimension;
    for (int row : failures.keySet()) {
      Objects.checkIndex(row, rows);
      Arrays.fill(values, row * dimension, (row + 1) * dimension, 0f);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException("row " + i / dimension + " holds " + values[i]);
      }
    }
    return new Embeddings(
        dimension, rows, values, (BitSet) truncated.clone(), new TreeMap<>(failures));
  }

  /** Floats per row. */
  public int dimension() {
    return dimension;
  }

  /** Number of rows. */
  public int size() {
    return rows;
  }

  /** A copy of one row. */
  public float[] row(int row) {
    Objects.checkIndex(row, rows);
    return Arrays.copyOfRange(values, row * dimension, (row + 1) * dimension);
  }

  /** Copies one row to {@code target} from {@code offset} on. */
  public void copyRow(int row, float[] target, int offset) {
    Objects.checkIndex(row, rows);
    System.arraycopy(values, row * dimension, target, offset, dimension);
  }

  /** Dot product of one row with {@code vector}. */
  public float dot(int row, float[] vector) {
    Objects.checkIndex(row, rows);
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "vector has dimension " + vector.length + ", not " + dimension);
    }
    return DotProduct.of(values, row * dimension, vector, dimension);
  }

  /** Whether the text of this row was cut at the model's limit. */
  public boolean isTruncated(int row) {
    return truncated.get(Objects.checkIndex(row, rows));
  }

  /** Number of rows whose text was cut. */
  public int truncatedCount() {
    return truncated.cardinality();
  }

  /** Why this row has no vector; empty if it has one. */
  public Optional<String> failure(int row) {
    return Optional.ofNullable(failures.get(Objects.checkIndex(row, rows)));
  }

  /** Whether any row failed. */
  public boolean hasFailures() {
    return !failures.isEmpty();
  }

  @Override
  public String toString() {
    return "Embeddings["
        + rows
        + " x "
        + dimension
        + ", truncated="
        + truncated.cardinality()
        + ", failed="
        + failures.size()
        + "]";
  }
}
