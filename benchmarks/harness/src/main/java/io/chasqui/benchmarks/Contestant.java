package io.chasqui.benchmarks;

/**
 * One line of a table: a peer doing a workload in its way.
 *
 * @param label "Chasqui, 2 threads"
 * @param peer how its process is started
 * @param workload what it is asked to run ("passages")
 */
public record Contestant(String label, PeerCommand peer, String workload) {}
