package io.chasqui.checkpoint;

import java.io.IOException;

/** What a bundle's roles run on: a decoder's weights, or a graph that somebody exported. */
sealed interface ModelSource permits CheckpointSource, GraphSource {
  /** Token ids are below this; {@code Integer.MAX_VALUE} if nothing says it. */
  int vocabularySize();

  /** Floats of a pooled vector. */
  int width();

  /** The longest input the model was made for, in tokens. */
  int maxPositions();

  /**
   * Returns if the model can serve a role.
   *
   * @throws IllegalArgumentException if not
   */
  void requireFit(Role role);

  /** SHA-256 over the weights; reads all of them. */
  String weightsFingerprint() throws IOException;

  /** SHA-256 over what else decides the model's output. */
  String configFingerprint();
}
