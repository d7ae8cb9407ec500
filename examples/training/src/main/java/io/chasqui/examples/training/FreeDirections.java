package io.chasqui.examples.training;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Directions of a model's states that can hold something more: states use them little, and the
 * layers that follow hardly read them.
 */
final class FreeDirections {
  private static final List<String> ATTENTION =
      List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");

  private static final List<String> MLP = List.of("mlp.gate_proj", "mlp.up_proj");

  private FreeDirections() {}

  /**
   * The direction that is used and read least, of length one.
   *
   * @param states [samples, hidden size], each as long as the others
   * @param weights by name without "model."
   * @param from the first layer whose attention reads them
   * @param layers of the model
   */
  static double[] least(DMatrixRMaj states, Map<String, float[]> weights, int from, int layers) {
    int size = states.numCols;
    DMatrixRMaj used = new DMatrixRMaj(size, size);
    CommonOps_DDRM.multInner(states, used);
    CommonOps_DDRM.scale(size / CommonOps_DDRM.trace(used), used);
    DMatrixRMaj read = new DMatrixRMaj(size, size);
    for (int layer = from; layer < layers; layer++) {
      String prefix = "layers." + layer + ".";
      for (String matrix : ATTENTION) {
        add(read, weights, prefix + matrix, prefix + "input_layernorm");
      }
      for (String matrix : MLP) {
        add(read, weights, prefix + matrix, prefix + "post_attention_layernorm");
      }
    }
    CommonOps_DDRM.scale(size / CommonOps_DDRM.trace(read), read);
    CommonOps_DDRM.addEquals(used, read);
    DMatrixRMaj directions = Regression.eigenvectors(used);
    return Matrices.row(directions, size - 1, 1);
  }

  /** How strongly a matrix reads each direction, all matrices counting the same. */
  private static void add(
      DMatrixRMaj read, Map<String, float[]> weights, String matrix, String norm) {
    float[] values = Objects.requireNonNull(weights.get(matrix + ".weight"), matrix);
    float[] factors = Objects.requireNonNull(weights.get(norm + ".weight"), norm);
    int size = factors.length;
    DMatrixRMaj rows = new DMatrixRMaj(values.length / size, size);
    for (int i = 0; i < values.length; i++) {
      rows.set(i, (double) values[i] * factors[i % size]);
    }
    DMatrixRMaj products = new DMatrixRMaj(size, size);
    CommonOps_DDRM.multInner(rows, products);
    CommonOps_DDRM.addEquals(read, 1 / CommonOps_DDRM.trace(products), products);
  }
}
