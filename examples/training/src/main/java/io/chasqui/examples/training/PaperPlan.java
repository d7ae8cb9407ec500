package io.chasqui.examples.training;

import java.nio.file.Path;
import java.util.List;

/**
 * What the paper in miniature runs. Immutable.
 *
 * @param collection BEIR folder that is trained and measured on
 * @param others BEIR folders that are measured on without training
 * @param model base with or without a retrieval card
 * @param split of {@code collection} and {@code others} that is measured on
 * @param trainSplit of {@code collection}
 * @param updates of each retriever's training; the reranker's has as many
 * @param lengths passage lengths in tokens of the curve; the last is that of all other runs
 * @param depth hits per query, of which the reranker orders the first {@code rerankDepth}
 * @param rerankDepth hits that are reranked
 * @param maxQueries queries that are measured on, the first ones; all if there are fewer
 * @param threads of the processor
 * @param seed of everything
 */
record PaperPlan(
    Path collection,
    List<Path> others,
    Path model,
    String split,
    String trainSplit,
    int updates,
    List<Integer> lengths,
    int depth,
    int rerankDepth,
    int maxQueries,
    int threads,
    long seed) {
  PaperPlan {
    others = List.copyOf(others);
    lengths = lengths.stream().sorted().distinct().toList();
    if (updates < 1 || depth < 1 || rerankDepth < 1 || maxQueries < 1) {
      throw new IllegalArgumentException(
          "updates, depth, rerank depth and queries must be positive: %d, %d, %d, %d"
              .formatted(updates, depth, rerankDepth, maxQueries));
    }
    if (lengths.isEmpty() || lengths.get(0) < 8) {
      throw new IllegalArgumentException("lengths must be there, and at least 8: " + lengths);
    }
  }

  /** The passage length of all runs but those of the curve. */
  int length() {
    return lengths.get(lengths.size() - 1);
  }

  /** "scifact" of a path. */
  static String name(Path collection) {
    return String.valueOf(collection.toAbsolutePath().normalize().getFileName());
  }
}
