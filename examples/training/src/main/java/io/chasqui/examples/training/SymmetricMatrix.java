package io.chasqui.examples.training;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRDecomposition;

/**
 * A sparse symmetric matrix, row by row, and its factors of low rank by subspace iteration from a
 * random start.
 *
 * @see <a href="https://arxiv.org/abs/0909.4061">Halko, Martinsson and Tropp 2011, algorithm
 *     4.4</a>
 */
final class SymmetricMatrix {
  private static final int SPARE_COLUMNS = 48;
  private static final int ITERATIONS = 3;

  private final int[][] columns;
  private final float[][] values;

  /**
   * @param columns of the values of each row
   * @param values of each row
   */
  SymmetricMatrix(int[][] columns, float[][] values) {
    this.columns = columns;
    this.values = values;
  }

  /**
   * The matrix as the product of a tall one with its transpose, as well as the dimension allows;
   * signs of eigenvalues are lost.
   *
   * @return a row for each of this matrix
   */
  float[][] factors(int dimension, Random random) {
    int size = columns.length;
    int width = Math.min(size, dimension + SPARE_COLUMNS);
    double[][] basis = new double[size][width];
    for (double[] row : basis) {
      Arrays.setAll(row, i -> random.nextGaussian());
    }
    for (int i = 0; i < ITERATIONS; i++) {
      basis = orthonormal(times(basis));
    }
    double[][] image = times(basis);
    DMatrixRMaj small = new DMatrixRMaj(width, width);
    for (int a = 0; a < size; a++) {
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          small.data[i * width + j] += basis[a][i] * image[a][j];
        }
      }
    }
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (small.get(i, j) + small.get(j, i)) / 2;
        small.set(i, j, mean);
        small.set(j, i, mean);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(width, true, true);
    if (!eigen.decompose(small)) {
      throw new IllegalStateException("the eigenvalues did not converge");
    }
    Integer[] order = new Integer[width];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        (a, b) ->
            Double.compare(
                Math.abs(eigen.getEigenvalue(b).getReal()),
                Math.abs(eigen.getEigenvalue(a).getReal())));
    float[][] vectors = new float[size][dimension];
    for (int d = 0; d < Math.min(dimension, width); d++) {
      DMatrixRMaj direction = eigen.getEigenVector(order[d]);
      double weight = Math.sqrt(Math.abs(eigen.getEigenvalue(order[d]).getReal()));
      for (int a = 0; a < size; a++) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
          sum += basis[a][i] * direction.get(i);
        }
        vectors[a][d] = (float) (sum * weight);
      }
    }
    return vectors;
  }

  private static double[][] orthonormal(double[][] columns) {
    int width = columns[0].length;
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(columns.length, width);
    if (!qr.decompose(new DMatrixRMaj(columns))) {
      throw new IllegalStateException("the columns can't be made orthogonal");
    }
    DMatrixRMaj q = qr.getQ(null, true);
    double[][] basis = new double[columns.length][width];
    for (int a = 0; a < columns.length; a++) {
      System.arraycopy(q.data, a * width, basis[a], 0, width);
    }
    return basis;
  }

  private double[][] times(double[][] right) {
    int width = right[0].length;
    double[][] product = new double[columns.length][width];
    for (int row = 0; row < columns.length; row++) {
      double[] sum = product[row];
      for (int k = 0; k < columns[row].length; k++) {
        double value = values[row][k];
        double[] other = right[columns[row][k]];
        for (int i = 0; i < width; i++) {
          sum[i] += value * other[i];
        }
      }
    }
    return product;
  }
}
