package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What is measured, on its own side of the pipe: a {@link PeerServer} calls it for every line that
 * it reads. A workload is a word that the benchmark and its peers agree on ("passages"). Used by
 * one thread.
 */
public interface Peer extends AutoCloseable {
  /** Names and versions of the libraries that do the work, on one line. */
  String describe();

  /**
   * Does the work once: what is timed.
   *
   * @throws IllegalArgumentException if it has no such workload
   */
  void run(String workload) throws Exception;

  /**
   * Does the work once and writes what came of it, so that the benchmark sees that peers agree.
   *
   * @param file to write, see {@link Vectors#write}
   */
  void write(String workload, Path file) throws Exception;

  /**
   * Measures something inside the peer that a run of a workload does not show.
   *
   * @param what as benchmark and peer agree on ("latency-8")
   * @return figures by name, without spaces ("p50ms")
   */
  default Map<String, Double> measure(String what) throws Exception {
    throw new IllegalArgumentException("nothing to measure by the name " + what);
  }

  @Override
  void close() throws IOException;
}
