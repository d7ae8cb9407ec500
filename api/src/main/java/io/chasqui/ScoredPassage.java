package io.chasqui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A passage with its score. Immutable.
 *
 * @param passage the passage
 * @param score raw score of the last stage (dot product, logit, fused score); higher is better;
 *     never NaN
 * @param stages the scores of all stages of a pipeline, in the order in which they ran; empty
 *     outside a pipeline
 */
public record ScoredPassage(Passage passage, float score, List<StageScore> stages) {
  /**
   * Best first: by descending score; ties by ascending id, so that equal inputs give equal lists.
   */
  public static final Comparator<ScoredPassage> BEST_FIRST =
      Comparator.comparingDouble(ScoredPassage::score).reversed().thenComparing(ScoredPassage::id);

  public ScoredPassage {
    Objects.requireNonNull(passage, "passage");
    if (Float.isNaN(score)) {
      throw new IllegalArgumentException("score of passage " + passage.id() + " is NaN");
    }
    stages = List.copyOf(stages);
  }

  public static ScoredPassage of(Passage passage, float score) {
    return new ScoredPassage(passage, score, List.of());
  }

  /** The passage's id. */
  public String id() {
    return passage.id();
  }

  /** The score that the named stage gave, if it ran on this passage. */
  public Optional<StageScore> stage(String name) {
    return stages.stream().filter(s -> s.stage().equals(name)).findFirst();
  }

  /** This passage with another score; the stages stay. */
  public ScoredPassage withScore(float score) {
    return new ScoredPassage(passage, score, stages);
  }

  /** This passage with the score of one more stage, which becomes its score. */
  public ScoredPassage withStage(StageScore stage) {
    List<StageScore> all = new ArrayList<>(stages);
    all.add(stage);
    return new ScoredPassage(passage, stage.score(), all);
  }
}
