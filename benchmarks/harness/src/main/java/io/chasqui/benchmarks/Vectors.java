package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Rows of floats that peers hand over in files: two little-endian int32, rows and columns, then
 * float32.
 */
public final class Vectors {
  private Vectors() {}

  /** Writes rows of one width. */
  public static void write(Path file, List<float[]> rows) throws IOException {
    int columns = rows.isEmpty() ? 0 : rows.get(0).length;
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + 4 * rows.size() * columns).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(rows.size()).putInt(columns);
    for (float[] row : rows) {
      if (row.length != columns) {
        throw new IllegalArgumentException("rows of " + columns + " and of " + row.length);
      }
      for (float value : row) {
        bytes.putFloat(value);
      }
    }
    Files.write(file, bytes.array());
  }

  /** Reads what {@link #write} wrote. */
  public static float[][] read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[][] rows = new float[bytes.getInt()][bytes.getInt(4)];
    bytes.position(8);
    for (float[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = bytes.getFloat();
      }
    }
    return rows;
  }

  /**
   * The smallest cosine between rows of the same number; for single scores, where a cosine says
   * nothing, 1 less the largest difference relative to the larger of both and 1.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public static double agreement(float[][] one, float[][] other) {
    if (one.length != other.length || one.length == 0 || one[0].length != other[0].length) {
      throw new IllegalArgumentException(shape(one) + " against " + shape(other));
    }
    double worst = 1;
    for (int row = 0; row < one.length; row++) {
      worst =
          Math.min(
              worst,
              one[row].length == 1
                  ? closeness(one[row][0], other[row][0])
                  : cosine(one[row], other[row]));
    }
    return worst;
  }

  private static double closeness(double a, double b) {
    return 1 - Math.abs(a - b) / Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double lengthA = 0;
    double lengthB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      lengthA += (double) a[i] * a[i];
      lengthB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(lengthA * lengthB);
  }

  private static String shape(float[][] rows) {
    return "[" + rows.length + ", " + (rows.length == 0 ? 0 : rows[0].length) + "]";
  }
}
