package io.chasqui.examples.training;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/** Linear maps fitted to samples, which are the rows of matrices. */
final class Regression {
  /** Share of the mean variance that is added to each variance: samples are few. */
  private static final double RIDGE = 1e-3;

  private Regression() {}

  /**
   * The map that brings samples nearest to their targets: ridge regression without intercept.
   *
   * @param samples [samples, inputs]
   * @param targets [samples, outputs]
   * @param weights of the samples
   * @return [outputs, inputs]
   */
  static DMatrixRMaj ridge(DMatrixRMaj samples, DMatrixRMaj targets, double[] weights) {
    DMatrixRMaj weighted = samples.copy();
    CommonOps_DDRM.multRows(weights, weighted);
    DMatrixRMaj moments = new DMatrixRMaj(samples.numCols, samples.numCols);
    CommonOps_DDRM.multTransA(weighted, samples, moments);
    double ridge = RIDGE * CommonOps_DDRM.trace(moments) / samples.numCols;
    IntStream.range(0, samples.numCols).forEach(i -> moments.add(i, i, ridge));
    DMatrixRMaj right = new DMatrixRMaj(samples.numCols, targets.numCols);
    CommonOps_DDRM.multTransA(weighted, targets, right);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(samples.numCols);
    if (!solver.setA(moments)) {
      throw new IllegalStateException("the samples' moments are not positive definite");
    }
    DMatrixRMaj map = new DMatrixRMaj(samples.numCols, targets.numCols);
    solver.solve(right, map);
    return CommonOps_DDRM.transpose(map, null);
  }

  /** As {@link #ridge(DMatrixRMaj, DMatrixRMaj, double[])}, all samples weighing the same. */
  static DMatrixRMaj ridge(DMatrixRMaj samples, DMatrixRMaj targets) {
    double[] weights = new double[samples.numRows];
    Arrays.fill(weights, 1.0 / samples.numRows);
    return ridge(samples, targets, weights);
  }

  /** Means of the columns. */
  static double[] means(DMatrixRMaj samples) {
    double[] means = new double[samples.numCols];
    for (int row = 0; row < samples.numRows; row++) {
      for (int i = 0; i < means.length; i++) {
        means[i] += samples.get(row, i) / samples.numRows;
      }
    }
    return means;
  }

  /** Samples without their mean. */
  static DMatrixRMaj centred(DMatrixRMaj samples) {
    double[] means = means(samples);
    DMatrixRMaj centred = samples.copy();
    for (int row = 0; row < samples.numRows; row++) {
      for (int i = 0; i < means.length; i++) {
        centred.add(row, i, -means[i]);
      }
    }
    return centred;
  }

  /** Weights that give the first samples as much as all others together. */
  static double[] halves(int first, int others) {
    double[] weights = new double[first + others];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 0.5 / (i < first ? first : others);
    }
    return weights;
  }

  /**
   * Principal directions.
   *
   * @return a row for each, of length one, that of most variance first
   */
  static DMatrixRMaj directions(DMatrixRMaj samples) {
    return moments(centred(samples));
  }

  /**
   * Directions by how far samples go in them from zero, not from their mean.
   *
   * @return a row for each, of length one, the longest first
   */
  static DMatrixRMaj moments(DMatrixRMaj samples) {
    int size = samples.numCols;
    DMatrixRMaj covariance = new DMatrixRMaj(size, size);
    CommonOps_DDRM.multInner(samples, covariance);
    return eigenvectors(covariance);
  }

  /**
   * Eigenvectors of a symmetric matrix.
   *
   * @return a row for each, of length one, that of the largest eigenvalue first
   */
  static DMatrixRMaj eigenvectors(DMatrixRMaj covariance) {
    int size = covariance.numCols;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(size, true, true);
    if (!eigen.decompose(covariance)) {
      throw new IllegalStateException("the eigenvalues did not converge");
    }
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted(
                (a, b) ->
                    Double.compare(
                        eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()))
            .mapToInt(i -> i)
            .toArray();
    DMatrixRMaj directions = new DMatrixRMaj(size, size);
    for (int i = 0; i < size; i++) {
      DMatrixRMaj direction = eigen.getEigenVector(order[i]);
      System.arraycopy(direction.data, 0, directions.data, i * size, size);
    }
    return directions;
  }
}
