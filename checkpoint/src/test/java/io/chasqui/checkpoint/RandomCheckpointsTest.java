package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.testing.RandomAdapters;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Head;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomCheckpointsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Head.class)
  void everyHeadHasItsLayout(Head head) throws IOException {
    Shape shape =
        Shape.tiny()
            .withHead(head)
            .withRope(new RopeConfig.Llama3(500_000, 8, 1, 4, 64))
            .withMaxShardBytes(20_000);
    ModelConfig config = RandomCheckpoints.write(directory, shape, 3);
    CheckpointWeights weights = CheckpointWeights.read(directory);
    CheckpointLayout layout = CheckpointLayout.of(config, weights);
    assertTrue(weights.files().size() > 1);
    assertEquals(shape.rope(), config.rope());
    assertEquals(head == Head.CLASSIFIER ? 1 : 0, config.labels());
    assertEquals(head == Head.CLASSIFIER, layout.scoreHead().isPresent());
    assertEquals(head == Head.CAUSAL_LM, layout.lmHead().isPresent());
    assertEquals(
        head == Head.NONE ? "norm.weight" : "model.norm.weight", layout.tensor("norm.weight"));
  }

  @ParameterizedTest
  @EnumSource(RandomCheckpoints.Architecture.class)
  void everyArchitectureHasItsTensors(RandomCheckpoints.Architecture architecture)
      throws IOException {
    for (Head head : Head.values()) {
      Path own = directory.resolve(head.name());
      Shape shape = Shape.tiny().withArchitecture(architecture).withHead(head);
      ModelConfig config = RandomCheckpoints.write(own, shape, 3);
      CheckpointLayout.of(config, CheckpointWeights.read(own));
      assertEquals(architecture.name().toLowerCase(Locale.ROOT), config.modelType());
      RandomAdapters.write(own.resolve("a"), config, RandomAdapters.Spec.reranker(), 1);
    }
  }

  @Test
  void theSeedDecidesAndScalesAreSane() throws IOException {
    Shape shape = Shape.tiny().withWidths(256, 512).withAttention(8, 2, 32);
    CheckpointWeights one = RandomCheckpoints.weights(directory.resolve("1"), shape, 1);
    CheckpointWeights same = RandomCheckpoints.weights(directory.resolve("same"), shape, 1);
    CheckpointWeights two = RandomCheckpoints.weights(directory.resolve("2"), shape, 2);
    assertEquals(Fingerprints.of(one), Fingerprints.of(same));
    assertNotEquals(Fingerprints.of(one), Fingerprints.of(two));
    assertEquals(1 / 16.0, deviation(one.floats("model.layers.0.self_attn.q_proj.weight")), 2e-3);
    assertEquals(1, deviation(one.floats("model.embed_tokens.weight")), 0.02);
    assertEquals(0.1, deviation(one.floats("model.norm.weight")), 0.02);
    assertNotEquals(
        one.floats("model.layers.0.self_attn.k_proj.weight")[0],
        one.floats("model.layers.0.self_attn.v_proj.weight")[0]);
  }

  @Test
  void adaptersFitTheirBase() throws IOException {
    ModelConfig base = RandomCheckpoints.write(directory.resolve("base"), Shape.tiny(), 1);
    LoraAdapter retriever =
        RandomAdapters.write(directory.resolve("a"), base, RandomAdapters.Spec.retriever(), 5);
    assertEquals(14, retriever.modules().size());
    assertTrue(retriever.saved().isEmpty());
    LoraAdapter reranker =
        RandomAdapters.write(
            directory.resolve("b"),
            base,
            RandomAdapters.Spec.reranker()
                .withRank(16, 8)
                .withRankStabilised(true)
                .withDtype(DType.BF16)
                .withTargets(List.of("q_proj", "down_proj")),
            6);
    assertEquals(4, reranker.modules().size());
    assertEquals(2, reranker.modules().get("layers.0.mlp.down_proj").scale());
    assertEquals(Set.of("score.weight"), reranker.saved().keySet());
  }

  /** Two tensors of 1.28 GB in one file: read with offsets beyond 2^31. */
  @Test
  @Tag("nightly")
  void gigabytesNeedLittleHeap() throws IOException {
    Shape shape = Shape.tiny().withVocabulary(20_000_000).withDtype(DType.BF16);
    CheckpointWeights weights = RandomCheckpoints.weights(directory, shape, 1);
    assertEquals(1, weights.files().size());
    for (String name : List.of("lm_head.weight", "model.embed_tokens.weight")) {
      assertEquals(20_000_000L * 32 * 2, weights.all().get(name).length());
      assertEquals(20_000_000 * 32 * 2, weights.bytes(name).remaining());
    }
    TensorInfo norm = weights.all().get("model.norm.weight");
    assertTrue(norm.offset() > Integer.MAX_VALUE, () -> "offset " + norm.offset());
    assertEquals(1, Math.abs(weights.floats(norm.name())[0]), 0.5);
  }

  private static double deviation(float[] values) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    return Math.sqrt(squares / values.length - mean * mean);
  }
}
