package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the estimate grows with; how near it is, benchmarks/train measures. */
final class MemoryEstimateTest {
  private static final int QUERIES = 32;
  private static final int BLOCK = 256;

  @TempDir Path directory;
  private ModelBundle base;

  @BeforeEach
  void writeBase() throws IOException {
    base = Toys.base(directory);
  }

  private MemoryEstimate estimate(MemoryUse memory, int queries, int block, Tuning tuning)
      throws IOException {
    TrainingTask task = new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), tuning);
    Batching batching =
        Batching.defaults().withSize(queries).withMemory(memory).withTokensPerBlock(block);
    return MemoryEstimate.of(task, batching);
  }

  private long activations(MemoryUse memory, int queries, int block) throws IOException {
    return estimate(memory, queries, block, Toys.lora()).activations();
  }

  @Test
  void weightsAreTheBasesInSinglePrecision() throws IOException {
    long elements = base.weights().all().values().stream().mapToLong(info -> info.elements()).sum();
    MemoryEstimate full = estimate(MemoryUse.KEEP_ALL, QUERIES, BLOCK, new Tuning.Full());
    assertEquals(4 * elements, full.weights());
    assertEquals(3 * full.weights(), full.optimiser());
    long lora = estimate(MemoryUse.KEEP_ALL, QUERIES, BLOCK, Toys.lora()).optimiser();
    long doubled =
        estimate(MemoryUse.KEEP_ALL, QUERIES, BLOCK, Toys.lora().withRank(8)).optimiser();
    assertEquals(2 * lora, doubled);
  }

  @Test
  void keepingAllGrowsWithTheBatch() throws IOException {
    long one = activations(MemoryUse.KEEP_ALL, QUERIES, BLOCK);
    assertTrue(activations(MemoryUse.KEEP_ALL, 2 * QUERIES, BLOCK) > 1.9 * one);
  }

  @Test
  void cachedGradientsDoNotGrowWithTheBatch() throws IOException {
    long one = activations(MemoryUse.GRAD_CACHE, QUERIES, BLOCK);
    assertEquals(one, activations(MemoryUse.GRAD_CACHE, 2 * QUERIES, BLOCK));
    assertTrue(activations(MemoryUse.GRAD_CACHE, QUERIES, 2 * BLOCK) > 1.9 * one);
    assertTrue(one < activations(MemoryUse.KEEP_ALL, QUERIES, BLOCK) / 4);
  }

  @Test
  void checkpointedLayersKeepTheirInputsAndWorkOnOneBlock() throws IOException {
    long one = activations(MemoryUse.CHECKPOINT_LAYERS, QUERIES, BLOCK);
    long more = activations(MemoryUse.CHECKPOINT_LAYERS, 2 * QUERIES, BLOCK);
    long inputs = 4L * base.config().hiddenSize() * base.config().layers();
    long tokens = QUERIES * (48L * 16 + 24);
    assertEquals(inputs * tokens, more - one);
    assertTrue(activations(MemoryUse.CHECKPOINT_LAYERS, QUERIES, 2 * BLOCK) > one);
  }
}
