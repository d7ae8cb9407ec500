package io.chasqui.djl;

/**
 * How a model did on the held-out set. Immutable.
 *
 * @param step updates done before
 * @param loss the objective's, mean over queries or predicted tokens; lower is better
 * @param mrr mean reciprocal rank of the positive among the candidates of its batch (in-batch
 *     negatives included if the objective has them); 0 for a language model
 * @param accuracy share of queries whose positive is first; 0 for a language model
 */
public record EvaluationReport(long step, double loss, double mrr, double accuracy) {}
