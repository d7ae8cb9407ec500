package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A graph that somebody exported, with what its {@code config.json} says, if there is one.
 *
 * @param graph checked
 * @param config of the exported model
 */
record GraphSource(OnnxFile graph, GraphConfig config) implements ModelSource {
  @Override
  public int vocabularySize() {
    return config.vocabularySize();
  }

  /** As the graph says; where it doesn't, as {@code config.json} does. */
  @Override
  public int width() {
    return GraphOutputs.encoder(graph)
        .map(output -> GraphOutputs.width(graph, output, config))
        .orElse(config.hiddenSize());
  }

  /** Whether the graph gives one vector for each text. */
  boolean poolsItself() {
    return graph.output(GraphOutputs.SENTENCE).isPresent();
  }

  @Override
  public int maxPositions() {
    return config.maxPositions();
  }

  @Override
  public void requireFit(Role role) {
    if (role.adapter().isPresent()) {
      throw new IllegalArgumentException(
          "role " + role.name() + ": an exported ONNX graph takes no adapter");
    }
    if (role.head().isPresent()) {
      if (!(role.head().get() instanceof ScoreHead.GraphOutput head)) {
        throw new IllegalArgumentException(
            "role "
                + role.name()
                + ": an exported ONNX graph has a head of its own, not "
                + role.head().get());
      }
      GraphOutputs.requireScore(graph, head.output(), config);
    } else if (poolsItself() && !role.output().dense().isEmpty()) {
      throw new IllegalArgumentException(
          "role "
              + role.name()
              + ": dense layers stand before the output "
              + GraphOutputs.SENTENCE
              + " of an exported graph, not behind it");
    } else if (GraphOutputs.encoder(graph).isEmpty()) {
      throw new IllegalArgumentException(
          "role " + role.name() + ": " + GraphOutputs.noEncoder(graph));
    }
  }

  /** Over the files' bytes. */
  @Override
  public String weightsFingerprint() throws IOException {
    List<String> parts = new ArrayList<>(List.of(Fingerprints.of(graph.file())));
    Path folder = graph.file().resolveSibling("");
    for (Path file : graph.externalFiles()) {
      parts.add(folder.relativize(file.toRealPath()) + " " + Fingerprints.of(file));
    }
    return Fingerprints.of(String.join("\n", parts));
  }

  @Override
  public String configFingerprint() {
    return Fingerprints.of(config.toString());
  }
}
