package io.chasqui.index;

import java.time.Duration;

/**
 * How much of the truth an index's searches find: {@code search} against {@code searchExact}, which
 * compares the query with every vector. Immutable.
 *
 * @param k hits wanted for each query
 * @param queries that were asked
 * @param mean part of the true k nearest passages that were found, from 0 to 1, over all queries; 1
 *     if there were none
 * @param worst the same of the query that fared worst
 * @param complete queries that found all
 * @param searchTime mean time of a search
 * @param exactTime mean time of an exact one
 */
public record RecallReport(
    int k,
    int queries,
    double mean,
    double worst,
    int complete,
    Duration searchTime,
    Duration exactTime) {}
