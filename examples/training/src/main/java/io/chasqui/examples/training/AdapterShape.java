package io.chasqui.examples.training;

import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.djl.Tuning;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Which LoRA goes on with a role's adapter. */
final class AdapterShape {
  private AdapterShape() {}

  /** The shape of the role's adapter, so that training goes on with it; the given one without. */
  static Tuning.Lora of(ModelBundle bundle, String role, Tuning.Lora otherwise) throws IOException {
    Optional<LoraAdapter> adapter = bundle.adapter(role);
    if (adapter.isEmpty()) {
      return otherwise;
    }
    LoraAdapter.Update any = adapter.get().modules().values().iterator().next();
    List<String> targets =
        adapter.get().modules().keySet().stream()
            .map(module -> module.substring(module.lastIndexOf('.') + 1))
            .distinct()
            .toList();
    return otherwise
        .withRank(any.rank())
        .withAlpha(any.scale() * any.rank())
        .withRankStabilised(false)
        .withTargets(targets);
  }
}
