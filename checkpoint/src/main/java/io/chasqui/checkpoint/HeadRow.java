package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.LoraAdapter.Saved;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Finds a scorer's head: in the adapter, else in the checkpoint, else nowhere. */
final class HeadRow {
  private HeadRow() {}

  static float[] of(ScoreHead head, ModelBundle bundle, String role) throws IOException {
    if (head instanceof ScoreHead.TokenDifference difference) {
      float[] row = ofToken(difference.yesId(), bundle, role);
      float[] no = ofToken(difference.noId(), bundle, role);
      for (int i = 0; i < row.length; i++) {
        row[i] -= no[i];
      }
      return row;
    }
    if (head instanceof ScoreHead.GraphOutput) {
      throw new IllegalArgumentException(
          "role " + role + ": the exported graph has its head inside, as no row");
    }
    return head instanceof ScoreHead.SingleToken single
        ? ofToken(single.id(), bundle, role)
        : ofTensor(((ScoreHead.Linear) head).tensor(), bundle, role);
  }

  private static float[] ofToken(int id, ModelBundle bundle, String role) throws IOException {
    String tensor =
        bundle
            .layout()
            .lmHead()
            .orElseThrow(
                () ->
                    new ModelFormatException(
                        bundle.directory(),
                        "lm_head.weight",
                        "role " + role + " needs the LM head, but the checkpoint has none"));
    TensorInfo info = Objects.requireNonNull(bundle.weights().all().get(tensor), tensor);
    return finite(info.file(), tensor, bundle.weights().row(tensor, id));
  }

  private static float[] ofTensor(String tensor, ModelBundle bundle, String role)
      throws IOException {
    int hidden = bundle.config().hiddenSize();
    Optional<LoraAdapter> adapter = bundle.adapter(role);
    Saved saved = adapter.map(LoraAdapter::saved).map(all -> all.get(tensor)).orElse(null);
    if (saved != null) {
      Path source = bundle.adapterDirectory(role).orElse(bundle.directory());
      requireOneRow(source, tensor, List.of((long) saved.rows(), (long) saved.columns()), hidden);
      return finite(source, tensor, saved.values().clone());
    }
    TensorInfo info = bundle.weights().all().get(tensor);
    if (info == null) {
      throw new ModelFormatException(
          bundle.adapterDirectory(role).orElse(bundle.directory()),
          tensor,
          "role "
              + role
              + " needs this score head, but neither "
              + (adapter.isPresent()
                  ? "its adapter (saved: " + savedNames(adapter.get()) + ")"
                  : "an adapter")
              + " nor the checkpoint has it");
    }
    List<Long> shape = info.shape().size() == 1 ? List.of(1L, info.shape().get(0)) : info.shape();
    requireOneRow(info.file(), tensor, shape, hidden);
    return finite(info.file(), tensor, bundle.weights().floats(tensor));
  }

  private static String savedNames(LoraAdapter adapter) {
    return adapter.saved().isEmpty() ? "none" : String.join(", ", adapter.saved().keySet());
  }

  private static void requireOneRow(Path file, String tensor, List<Long> shape, int hidden) {
    if (!shape.equals(List.of(1L, (long) hidden))) {
      throw new ModelFormatException(
          file, tensor, "expected one row, [1, " + hidden + "], found " + shape);
    }
  }

  private static float[] finite(Path file, String tensor, float[] row) {
    for (int i = 0; i < row.length; i++) {
      if (!Float.isFinite(row[i])) {
        throw new ModelFormatException(file, tensor, "element " + i + " is " + row[i]);
      }
    }
    return row;
  }
}
