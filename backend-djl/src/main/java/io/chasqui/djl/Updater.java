package io.chasqui.djl;

import io.chasqui.TrainingException;
import java.util.List;

/**
 * One update after another: micro-batches forward and back, the gradients' norm, AdamW. Confined to
 * one thread.
 *
 * @param <T> what a batch consists of
 */
final class Updater<T> {
  private final Learner<T> learner;
  private final AdamW optimiser;
  private final Optimisation settings;
  private final Scope scope;
  private final double dropout;
  private final long seed;
  private final long total;

  /**
   * @param dropout rate
   * @param seed of dropout
   * @param total updates of the whole training, for the schedule
   */
  Updater(
      Learner<T> learner,
      AdamW optimiser,
      Optimisation settings,
      Scope scope,
      double dropout,
      long seed,
      long total) {
    this.learner = learner;
    this.optimiser = optimiser;
    this.settings = settings;
    this.scope = scope;
    this.dropout = dropout;
    this.seed = seed;
    this.total = total;
  }

  /**
   * What an update came to.
   *
   * @param loss before it, mean over micro-batches
   * @param gradientNorm before clipping
   * @param learningRate that it had
   * @param tokens that went through the model
   */
  record Result(double loss, double gradientNorm, double learningRate, long tokens) {}

  /**
   * Does one update with the mean of the micro-batches' losses.
   *
   * @throws TrainingException if loss or gradient is not finite; weights are as before
   */
  Result update(List<List<T>> microBatches) {
    long step = optimiser.updates();
    double loss = 0;
    long tokens = 0;
    for (int i = 0; i < microBatches.size(); i++) {
      Dropout mask = new Dropout(dropout, Seeds.mix(Seeds.mix(seed, step), i));
      MicroBatch done = learner.learn(microBatches.get(i), 1.0 / microBatches.size(), mask);
      loss += done.loss() / microBatches.size();
      tokens += done.tokens();
    }
    double norm = optimiser.gradientNorm(scope);
    double rate = settings.learningRate() * settings.schedule().factor(step, total);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new TrainingException(
          step,
          "loss %s, gradient norm %s, learning rate %s: a lower rate, a longer warm-up or a lower maximum norm may help; the last checkpoint is as it was"
              .formatted(loss, norm, rate));
    }
    optimiser.update(scope, rate, norm);
    return new Result(loss, norm, rate, tokens);
  }
}
