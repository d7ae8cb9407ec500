package io.chasqui.djl;

import java.util.List;

/**
 * Losses of micro-batches, with gradients or without. Confined to one thread.
 *
 * @param <T> what a batch consists of
 */
interface Learner<T> {
  /**
   * Forward and back; gradients are added to those there are.
   *
   * @param weight that the loss is multiplied by before it goes back
   * @param dropout of this micro-batch
   */
  MicroBatch learn(List<T> batch, double weight, Dropout dropout);

  /** Forward alone. */
  void evaluate(List<T> batch, Tally tally);
}
