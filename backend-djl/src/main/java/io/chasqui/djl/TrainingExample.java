package io.chasqui.djl;

import io.chasqui.Passage;
import java.util.List;
import java.util.Objects;

/**
 * A query with passages that answer it and passages that do not. Immutable.
 *
 * @param id of the query, for messages; not empty
 * @param query its text, without any template
 * @param positives passages that answer it, at least one
 * @param negatives hard negatives, any number; training draws from them anew each epoch
 * @param teacherScores a teacher's score for each positive, then each negative, higher is better;
 *     empty if there is no teacher
 */
public record TrainingExample(
    String id,
    String query,
    List<Passage> positives,
    List<Passage> negatives,
    List<Float> teacherScores) {
  public TrainingExample {
    Objects.requireNonNull(query, "query");
    positives = List.copyOf(positives);
    negatives = List.copyOf(negatives);
    teacherScores = List.copyOf(teacherScores);
    if (id.isEmpty()) {
      throw new IllegalArgumentException("a query's id must not be empty");
    }
    if (positives.isEmpty()) {
      throw new IllegalArgumentException("query " + id + " has no positive passage");
    }
    int passages = positives.size() + negatives.size();
    if (!teacherScores.isEmpty() && teacherScores.size() != passages) {
      throw new IllegalArgumentException(
          "query %s: %d teacher scores for %d passages"
              .formatted(id, teacherScores.size(), passages));
    }
    for (float score : teacherScores) {
      if (!Float.isFinite(score)) {
        throw new IllegalArgumentException("query " + id + ": teacher score " + score);
      }
    }
  }

  /** Without teacher. */
  public static TrainingExample of(
      String id, String query, List<Passage> positives, List<Passage> negatives) {
    return new TrainingExample(id, query, positives, negatives, List.of());
  }
}
