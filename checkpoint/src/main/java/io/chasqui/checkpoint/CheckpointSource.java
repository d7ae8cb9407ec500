package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A checkpoint whose graph is built here.
 *
 * @param config its shape
 * @param weights its tensors, mapped
 * @param layout which of them plays which part
 */
record CheckpointSource(ModelConfig config, Tensors weights, CheckpointLayout layout)
    implements ModelSource {

  static CheckpointSource read(Path directory) throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    Tensors weights = CheckpointWeights.read(directory);
    return new CheckpointSource(config, weights, CheckpointLayout.of(config, weights));
  }

  @Override
  public int vocabularySize() {
    return config.vocabularySize();
  }

  @Override
  public int width() {
    return config.hiddenSize();
  }

  @Override
  public int maxPositions() {
    return config.maxPositions();
  }

  /** In which direction its layers look. */
  Role.Attention attention() {
    return config.attention().causal() ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
  }

  @Override
  public void requireFit(Role role) {
    if (role.attention() == Role.Attention.CAUSAL && attention() != Role.Attention.CAUSAL) {
      throw new IllegalArgumentException(
          "role "
              + role.name()
              + ": causal attention, but config.json says that the model sees in both directions"
              + " (is_causal, use_bidirectional_attention)");
    }
    role.head().ifPresent(head -> requireFit(role.name(), head));
  }

  private void requireFit(String role, ScoreHead head) {
    if (head instanceof ScoreHead.GraphOutput) {
      throw new IllegalArgumentException(
          "role " + role + ": " + head + " is a head of an exported ONNX graph, not of weights");
    }
    List<Integer> ids = BundleRole.tokenIds(head);
    if (!ids.isEmpty() && config.block().finalSoftCap().isPresent()) {
      throw new IllegalArgumentException(
          "role "
              + role
              + ": "
              + head
              + " is a row of the LM head, but the model bounds its logits"
              + " (final_logit_softcapping "
              + config.block().finalSoftCap().getAsDouble()
              + "), so that no row gives them");
    }
  }

  @Override
  public String weightsFingerprint() throws IOException {
    return Fingerprints.of(weights);
  }

  @Override
  public String configFingerprint() {
    return Fingerprints.of(config.toString());
  }
}
