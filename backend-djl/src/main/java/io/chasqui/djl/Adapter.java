package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The LoRA matrices in training, by module ("layers.0.self_attn.q_proj"). */
final class Adapter {
  /**
   * One low-rank update.
   *
   * @param a [r, in]
   * @param b [out, r]
   * @param scale α/r, or α/√r
   */
  record Update(PtNDArray a, PtNDArray b, double scale) {}

  private final Map<String, Update> updates;

  Adapter(Map<String, Update> updates) {
    this.updates = Collections.unmodifiableMap(new LinkedHashMap<>(updates));
  }

  /** Of a model that is trained as a whole. */
  static Adapter none() {
    return new Adapter(Map.of());
  }

  Optional<Update> update(String module) {
    return Optional.ofNullable(updates.get(module));
  }

  Map<String, Update> all() {
    return updates;
  }

  List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    updates.forEach(
        (module, update) -> {
          parameters.add(new Parameter(module + ".lora_A.weight", update.a));
          parameters.add(new Parameter(module + ".lora_B.weight", update.b));
        });
    return parameters;
  }
}
