package io.chasqui.djl;

/**
 * What is computed twice to save memory. All give the same gradients.
 *
 * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al. 2016, activation checkpointing</a>
 * @see <a href="https://arxiv.org/abs/2101.06983">Gao et al. 2021, GradCache</a>
 */
public enum MemoryUse {
  /** Nothing: fastest. */
  KEEP_ALL(false, Recompute.NOTHING),
  /** The inside of each layer: memory for one layer and the inputs of all. */
  CHECKPOINT_LAYERS(false, Recompute.LAYERS),
  /** GradCache: each block of the batch; memory for one block, however large the batch. */
  GRAD_CACHE(true, Recompute.NOTHING),
  /** Both. */
  GRAD_CACHE_AND_CHECKPOINT_LAYERS(true, Recompute.LAYERS);

  private final boolean cachesGradients;
  private final Recompute recompute;

  MemoryUse(boolean cachesGradients, Recompute recompute) {
    this.cachesGradients = cachesGradients;
    this.recompute = recompute;
  }

  boolean cachesGradients() {
    return cachesGradients;
  }

  Recompute recompute() {
    return recompute;
  }
}
