package io.chasqui.djl;

/**
 * One update. Immutable.
 *
 * @param step updates done, from 1
 * @param total updates of the whole training
 * @param loss before the update, mean over its micro-batches
 * @param gradientNorm before clipping
 * @param learningRate that the update had
 * @param tokens real tokens that went through the model
 * @param seconds that it took
 */
public record StepReport(
    long step,
    long total,
    double loss,
    double gradientNorm,
    double learningRate,
    long tokens,
    double seconds) {}
