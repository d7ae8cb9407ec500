package io.chasqui.djl;

/**
 * What one micro-batch came to.
 *
 * @param loss mean over its queries or predicted tokens
 * @param tokens real tokens that went through the model
 */
record MicroBatch(double loss, long tokens) {}
