package io.chasqui.benchmarks.search;

import io.chasqui.benchmarks.PeerArguments;
import java.util.Random;

/**
 * The same vectors for every peer: unit length, each number drawn from a normal distribution, so
 * that neighbours are no clearer than chance makes them.
 *
 * @param dimension floats per vector
 * @param queries [queries, dimension]
 * @param rows [rows, dimension]
 */
@SuppressWarnings("ArrayRecordComponent") // read only, compared by nobody
record RandomVectors(int dimension, float[] queries, float[] rows) {
  /** Hits per query. */
  static final int K = 10;

  static RandomVectors of(PeerArguments arguments) {
    int dimension = arguments.number("dimension");
    return new RandomVectors(
        dimension,
        unit(arguments.number("queries"), dimension, 1),
        unit(arguments.number("rows"), dimension, 2));
  }

  int queryCount() {
    return queries.length / dimension;
  }

  int rowCount() {
    return rows.length / dimension;
  }

  private static float[] unit(int rows, int dimension, long seed) {
    Random random = new Random(seed);
    float[] values = new float[Math.multiplyExact(rows, dimension)];
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = row * dimension; i < (row + 1) * dimension; i++) {
        values[i] = (float) random.nextGaussian();
        squares += (double) values[i] * values[i];
      }
      float scale = (float) (1 / Math.sqrt(squares));
      for (int i = row * dimension; i < (row + 1) * dimension; i++) {
        values[i] *= scale;
      }
    }
    return values;
  }
}
