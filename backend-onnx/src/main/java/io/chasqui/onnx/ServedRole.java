package io.chasqui.onnx;

import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.Role;
import java.util.Optional;

/**
 * A role as a session serves it: its conventions and its weights. Immutable.
 *
 * @param role pooling, output and head
 * @param adapter low-rank updates and saved tensors over the base; absent for the base alone. Roles
 *     that hold the same object share its weights
 */
record ServedRole(Role role, Optional<LoraAdapter> adapter) {}
