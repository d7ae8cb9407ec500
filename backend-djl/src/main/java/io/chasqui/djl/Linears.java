package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Optional;

/** The linear layers, W·x + b + scale · B·A·dropout(x). */
final class Linears {
  private final Weights weights;
  private final Adapter adapter;

  Linears(Weights weights, Adapter adapter) {
    this.weights = weights;
    this.adapter = adapter;
  }

  /**
   * A module's output.
   *
   * @param module "layers.0.self_attn.q_proj"
   * @param number distinguishes the module from others of the model, for dropout
   * @param x [.., in]
   * @return [.., out]
   */
  PtNDArray apply(Ops ops, String module, int number, PtNDArray x, Dropout dropout, long block) {
    PtNDArray base = ops.linear(x, weights.get(module + ".weight"), weights.find(module + ".bias"));
    Optional<Adapter.Update> update = adapter.update(module);
    if (update.isEmpty()) {
      return base;
    }
    PtNDArray dropped = dropout.apply(ops, x, block, number);
    PtNDArray low = ops.mul(ops.linear(dropped, update.get().a(), null), update.get().scale());
    // In place: nobody's backward pass reads the product with the frozen weight.
    JniUtils.addi(base, ops.linear(low, update.get().b(), null));
    return base;
  }
}
