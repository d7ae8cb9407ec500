package io.chasqui;

/**
 * The score that one stage gave to a passage.
 *
 * @param stage name of the stage, unique in its pipeline: "retrieve", "rerank", "fuse"
 * @param score raw score of that stage; higher is better; never NaN
 * @param rank place in that stage's own order, from 1
 */
public record StageScore(String stage, float score, int rank) {
  public StageScore {
    if (stage.isEmpty()) {
      throw new IllegalArgumentException("stage name must not be empty");
    }
    if (Float.isNaN(score)) {
      throw new IllegalArgumentException("score of stage " + stage + " is NaN");
    }
    if (rank < 1) {
      throw new IllegalArgumentException("rank of stage " + stage + " must be at least 1: " + rank);
    }
  }
}
