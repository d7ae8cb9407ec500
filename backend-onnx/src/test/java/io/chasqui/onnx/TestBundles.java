package io.chasqui.onnx;

import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.testing.RandomAdapters;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Path;

/** Complete models with random weights: both roles, each with an adapter. */
final class TestBundles {
  private static final int VOCABULARY = 300;

  private TestBundles() {}

  /** Two layers of width 32. */
  static ModelBundle tiny(Path directory) throws IOException {
    return of(directory, RandomCheckpoints.Shape.tiny());
  }

  /** Slow enough to be caught at work: about a quarter of a second for 500 tokens. */
  static ModelBundle slow(Path directory) throws IOException {
    return of(
        directory,
        RandomCheckpoints.Shape.tiny().withWidths(512, 1536).withAttention(8, 8, 64).withLayers(6));
  }

  /** Of any shape; its vocabulary is set, and it reads 1,024 tokens. */
  static ModelBundle of(Path directory, RandomCheckpoints.Shape shape) throws IOException {
    return of(directory, shape, RandomAdapters.Spec.retriever(), RandomAdapters.Spec.reranker());
  }

  /** The same with adapters of other ranks. */
  static ModelBundle of(
      Path directory,
      RandomCheckpoints.Shape shape,
      RandomAdapters.Spec retriever,
      RandomAdapters.Spec reranker)
      throws IOException {
    ModelConfig config =
        RandomCheckpoints.write(
            directory, shape.withVocabulary(VOCABULARY).withMaxPositions(1024), 7);
    TinyTokenizers.write(directory, VOCABULARY);
    RandomAdapters.write(directory.resolve("rep"), config, retriever, 8);
    RandomAdapters.write(directory.resolve("rank"), config, reranker, 9);
    return read(directory);
  }

  /** What {@link #of} wrote. */
  static ModelBundle read(Path directory) throws IOException {
    return ModelBundle.read(directory)
        .withRole(Presets.named("repllama-v1"), directory.resolve("rep"))
        .withRole(Presets.named("rankllama-v1"), directory.resolve("rank"));
  }
}
