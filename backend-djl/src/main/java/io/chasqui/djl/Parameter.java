package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;

/**
 * A tensor that training changes.
 *
 * @param name canonical: "layers.0.mlp.up_proj.lora_A.weight", "norm.weight"
 * @param value the tensor, a leaf of the graph
 */
record Parameter(String name, PtNDArray value) {
  List<Long> shape() {
    long[] shape = value.getShape().getShape();
    return java.util.Arrays.stream(shape).boxed().toList();
  }

  long elements() {
    return value.getShape().size();
  }
}
