package io.chasqui.djl;

import java.util.List;

/**
 * One query with its candidates as token ids, ready for the model: templates, special tokens and
 * cuts are done. Immutable; the arrays are not copied: do not write to them.
 *
 * @param query the query's ids; empty for a reranker, whose candidates are whole pairs
 * @param passages ids of the candidates: the positive first, then hard negatives; for a reranker
 *     each is a query and a passage as one input
 * @param teacherScores a teacher's score per candidate; length 0 if there is no teacher
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of ids, compared by nobody
public record TrainingGroup(int[] query, List<int[]> passages, float[] teacherScores) {
  public TrainingGroup {
    passages = List.copyOf(passages);
    if (passages.isEmpty()) {
      throw new IllegalArgumentException("a group without candidates");
    }
    for (int[] passage : passages) {
      if (passage.length == 0) {
        throw new IllegalArgumentException("a candidate without tokens");
      }
    }
    if (teacherScores.length != 0 && teacherScores.length != passages.size()) {
      throw new IllegalArgumentException(
          teacherScores.length + " teacher scores for " + passages.size() + " candidates");
    }
  }

  /** For a retriever, without teacher. */
  public static TrainingGroup of(int[] query, List<int[]> passages) {
    return new TrainingGroup(query, passages, new float[0]);
  }

  /** For a reranker, without teacher: each candidate is a query and a passage. */
  public static TrainingGroup ofPairs(List<int[]> pairs) {
    return new TrainingGroup(new int[0], pairs, new float[0]);
  }
}
