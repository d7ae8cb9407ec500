package io.chasqui.evaluation.mining;

/**
 * What a mining run did. Immutable.
 *
 * @param queries asked for
 * @param found of those, already in the file
 * @param written of those, added to the file
 * @param without of those, left out because no candidate remained
 * @param negatives written in this run
 */
public record MiningSummary(long queries, long found, long written, long without, long negatives) {}
