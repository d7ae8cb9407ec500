package io.chasqui.examples.training;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/** Matrices whose rows are samples. */
final class Matrices {
  private Matrices() {}

  /** All rows of one, then all of the other. */
  static DMatrixRMaj below(DMatrixRMaj upper, DMatrixRMaj lower) {
    DMatrixRMaj both = new DMatrixRMaj(upper.numRows + lower.numRows, lower.numCols);
    CommonOps_DDRM.insert(upper, both, 0, 0);
    CommonOps_DDRM.insert(lower, both, upper.numRows, 0);
    return both;
  }

  /** A row times a factor. */
  static double[] row(DMatrixRMaj matrix, int row, double factor) {
    double[] values = new double[matrix.numCols];
    for (int i = 0; i < values.length; i++) {
      values[i] = factor * matrix.get(row, i);
    }
    return values;
  }

  /** What a map, [outputs, inputs], makes of samples. */
  static DMatrixRMaj timesTransposed(DMatrixRMaj samples, DMatrixRMaj map) {
    DMatrixRMaj result = new DMatrixRMaj(samples.numRows, map.numRows);
    CommonOps_DDRM.multTransB(samples, map, result);
    return result;
  }

  static DMatrixRMaj ones(int rows) {
    DMatrixRMaj ones = new DMatrixRMaj(rows, 1);
    CommonOps_DDRM.fill(ones, 1);
    return ones;
  }

  static double rootMeanSquare(DMatrixRMaj matrix) {
    return NormOps_DDRM.normF(matrix) / Math.sqrt(matrix.getNumElements());
  }
}
