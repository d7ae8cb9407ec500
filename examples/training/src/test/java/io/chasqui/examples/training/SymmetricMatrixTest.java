package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SymmetricMatrixTest {
  private static final int SIZE = 90;
  private static final int RANK = 5;

  /** A product of a tall matrix with its transpose is found again, but for a rotation. */
  @Test
  void theFactorsOfAMatrixOfLowRankMultiplyToIt() {
    Random random = new Random(1);
    double[][] tall = new double[SIZE][RANK];
    for (double[] row : tall) {
      Arrays.setAll(row, i -> random.nextGaussian() * (i + 1));
    }
    int[][] columns = new int[SIZE][];
    float[][] values = new float[SIZE][];
    for (int a = 0; a < SIZE; a++) {
      columns[a] = IntStream.range(0, SIZE).toArray();
      values[a] = new float[SIZE];
      for (int b = 0; b < SIZE; b++) {
        values[a][b] = (float) dot(tall[a], tall[b]);
      }
    }
    float[][] factors = new SymmetricMatrix(columns, values).factors(RANK, new Random(2));
    for (int a = 0; a < SIZE; a++) {
      assertEquals(RANK, factors[a].length);
      for (int b = 0; b < SIZE; b++) {
        double product = 0;
        for (int i = 0; i < RANK; i++) {
          product += (double) factors[a][i] * factors[b][i];
        }
        assertEquals(values[a][b], product, 1e-3, a + ", " + b);
      }
    }
  }

  /** Zeros need not be there: the diagonal alone, of which the largest two are kept. */
  @Test
  void theLargestEigenvaluesAreKept() {
    float[][] values = {{1}, {9}, {4}, {0.25f}};
    int[][] columns = {{0}, {1}, {2}, {3}};
    float[][] factors = new SymmetricMatrix(columns, values).factors(2, new Random(3));
    assertEquals(0, length(factors[0]), 1e-6);
    assertEquals(3, length(factors[1]), 1e-6);
    assertEquals(2, length(factors[2]), 1e-6);
    assertEquals(0, length(factors[3]), 1e-6);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double length(float[] vector) {
    return Math.hypot(vector[0], vector[1]);
  }
}
