package io.chasqui.onnx;

import io.chasqui.checkpoint.DenseLayer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A role as a session serves it: its conventions and its weights. Immutable.
 *
 * @param role pooling, output and head
 * @param adapter low-rank updates and saved tensors over the base; absent for the base alone. Roles
 *     that hold the same object share its weights
 * @param dense layers that an encoder's pooled vectors go through
 */
record ServedRole(Role role, Optional<LoraAdapter> adapter, List<DenseLayer> dense) {
  ServedRole {
    dense = List.copyOf(dense);
  }

  /** Without dense layers. */
  ServedRole(Role role, Optional<LoraAdapter> adapter) {
    this(role, adapter, List.of());
  }

  /** A role of a bundle, its adapter read. */
  static ServedRole of(ModelBundle bundle, String role) throws IOException {
    return new ServedRole(bundle.role(role), bundle.adapter(role), bundle.dense(role));
  }
}
