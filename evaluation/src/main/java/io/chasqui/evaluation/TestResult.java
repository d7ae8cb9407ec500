package io.chasqui.evaluation;

/**
 * What a two-sided test of paired differences found. Immutable.
 *
 * @param meanDifference mean of second minus first
 * @param statistic t for the t-test, the mean difference for the randomisation test
 * @param pValue probability of a difference at least as large if there were none, from 0 to 1
 * @param pairs number of queries compared
 */
public record TestResult(double meanDifference, double statistic, double pValue, int pairs) {}
