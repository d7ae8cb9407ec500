package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The base's tensors in fp32 by canonical name ("layers.0.mlp.up_proj.weight"), frozen or trained.
 * 16-bit files are widened in Java: DJL aborts the JVM on bfloat16.
 */
final class Weights {
  private final Map<String, PtNDArray> tensors;

  private Weights(Map<String, PtNDArray> tensors) {
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Reads all tensors but an untied LM head that nobody asks for, and score heads.
   *
   * @param lmHead whether the LM head is needed, if it is a tensor of its own
   */
  static Weights read(Scope scope, Tensors files, CheckpointLayout layout, boolean lmHead)
      throws IOException {
    Map<String, PtNDArray> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : layout.all().entrySet()) {
      String name = entry.getKey();
      if (name.equals("score.weight") || (name.equals("lm_head.weight") && !lmHead)) {
        continue;
      }
      tensors.put(name, read(scope, files, entry.getValue()));
    }
    return new Weights(tensors);
  }

  static PtNDArray read(Scope scope, Tensors files, String stored) throws IOException {
    TensorInfo info = files.all().get(stored);
    if (info == null) {
      throw new IllegalArgumentException("no tensor " + stored);
    }
    long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
    return scope.floats(files.floats(stored), shape);
  }

  PtNDArray get(String name) {
    PtNDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no tensor " + name);
    }
    return tensor;
  }

  @Nullable PtNDArray find(String name) {
    return tensors.get(name);
  }

  /** The linear layers of these kinds, by module ("layers.0.mlp.up_proj"), as [out, in]. */
  Map<String, PtNDArray> linears(List<String> kinds) {
    Map<String, PtNDArray> linears = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.endsWith(".weight") && tensor.getShape().dimension() == 2) {
            String module = name.substring(0, name.length() - ".weight".length());
            if (kinds.contains(module.substring(module.lastIndexOf('.') + 1))) {
              linears.put(module, tensor);
            }
          }
        });
    return linears;
  }

  /** Makes all of them trainable. */
  List<Parameter> train() {
    List<Parameter> parameters = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          JniUtils.attachGradient(tensor, true);
          parameters.add(new Parameter(name, tensor));
        });
    return parameters;
  }
}
