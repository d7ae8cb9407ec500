package io.chasqui.index;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@link IndexDoctor#check} found. Immutable.
 *
 * @param directory of the index
 * @param generations newest first
 */
public record IndexReport(Path directory, List<Generation> generations) {
  public IndexReport {
    generations = List.copyOf(generations);
  }

  /**
   * One generation.
   *
   * @param number of its commit
   * @param passages that a search in it can return; −1 if its manifest can't be read
   * @param problems damaged truth: vectors, ids, passages, tombstones, manifest; empty if it can be
   *     searched
   * @param graphProblems damaged graphs: built again whenever the index is opened, until {@link
   *     IndexDoctor#rebuildGraphs}
   */
  public record Generation(
      long number, long passages, List<String> problems, List<String> graphProblems) {
    public Generation {
      problems = List.copyOf(problems);
      graphProblems = List.copyOf(graphProblems);
    }

    /** Whether nothing but graphs, if anything, is damaged. */
    public boolean isIntact() {
      return problems.isEmpty();
    }
  }

  /** Whether the newest generation is whole, graphs included. */
  public boolean isHealthy() {
    return !generations.isEmpty()
        && generations.get(0).isIntact()
        && generations.get(0).graphProblems().isEmpty();
  }

  /** The newest generation that can be searched. */
  public Optional<Generation> newestIntact() {
    return generations.stream().filter(Generation::isIntact).findFirst();
  }
}
