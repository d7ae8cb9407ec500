package io.chasqui.onnx;

import io.chasqui.Embeddings;
import java.nio.ByteBuffer;

/**
 * Queries as unsigned bytes around {@value #ZERO}. Each is stretched to the whole range by itself,
 * so that its codes, and with them its hits, do not depend on the queries beside it; a positive
 * factor does not change the order of its scores.
 *
 * <p>This is what {@code DynamicQuantizeLinear} does to a batch of one; for more it has one range
 * for all.
 */
final class QueryCodes {
  /** The code of 0. */
  static final int ZERO = 128;

  private static final int RANGE = 127;

  private QueryCodes() {}

  /** Codes of the rows from {@code from} to before {@code to}: [rows, dimension], direct. */
  static ByteBuffer of(Embeddings queries, int from, int to) {
    int dimension = queries.dimension();
    ByteBuffer codes = ByteBuffer.allocateDirect((to - from) * dimension);
    float[] query = new float[dimension];
    byte[] row = new byte[dimension];
    for (int q = from; q < to; q++) {
      queries.copyRow(q, query, 0);
      double scale = RANGE / largest(query);
      for (int i = 0; i < dimension; i++) {
        row[i] = (byte) (int) (query[i] * scale + (ZERO + 0.5)); // rounds, for it is positive
      }
      codes.put(row);
    }
    return codes.flip();
  }

  /** The largest absolute value, or the smallest positive one if all are 0. */
  static double largest(float[] vector) {
    int largest = 1; // bits without the sign are ordered as their floats are
    for (float value : vector) {
      largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
    }
    return Float.intBitsToFloat(largest);
  }
}
