package io.chasqui.djl;

/** What of the forward pass is computed again in the backward pass instead of being kept. */
enum Recompute {
  /** Everything is kept: fastest, most memory. */
  NOTHING,
  /** A layer's input is kept, its inside is not (activation checkpointing). */
  LAYERS,
  /** Only the output is kept: for a first look (GradCache), and for evaluation. */
  EVERYTHING
}
