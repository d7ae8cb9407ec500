package io.chasqui.benchmarks.encode;

import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Architecture;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;

/** Shapes of published models, filled with random weights. */
enum GpuModel {
  /** Small enough for a rehearsal on any processor. */
  rehearsal {
    @Override
    Shape shape() {
      return Shape.tiny()
          .withVocabulary(32_000)
          .withWidths(256, 768)
          .withAttention(4, 4, 64)
          .withLayers(4);
    }
  },
  /** Qwen3-Embedding-0.6B and Qwen3-Reranker-0.6B. */
  qwen3_0_6b {
    @Override
    Shape shape() {
      return Shape.tiny()
          .withArchitecture(Architecture.QWEN3)
          .withVocabulary(151_936)
          .withWidths(1024, 3072)
          .withAttention(16, 8, 128)
          .withLayers(28)
          .withRope(new RopeConfig.Plain(1_000_000))
          .withTied(true);
    }
  },
  /** RepLLaMA and RankLLaMA. */
  llama2_7b {
    @Override
    Shape shape() {
      return Shape.tiny()
          .withVocabulary(32_000)
          .withWidths(4096, 11_008)
          .withAttention(32, 32, 128)
          .withLayers(32);
    }
  };

  abstract Shape shape();

  /** Multiplications and additions of all linear layers for one token; attention not counted. */
  double operationsPerToken() {
    Shape shape = shape();
    long query = (long) shape.heads() * shape.headDim();
    long keyValue = (long) shape.keyValueHeads() * shape.headDim();
    long attention = shape.hidden() * (2 * query + 2 * keyValue);
    long mlp = 3L * shape.hidden() * shape.intermediate();
    return 2.0 * shape.layers() * (attention + mlp);
  }
}
