package io.chasqui.evaluation;

import java.util.Arrays;
import java.util.Map;

/**
 * One query's ranking with the grade of each document: what every metric is computed from.
 * trec_eval's RES_RELS.
 *
 * @param grades by place from 0: at least 0 if judged, {@link #NOT_IN_POOL} or {@link #UNJUDGED}
 * @param pool grades of the judged documents, retrieved or not, those of at least 0, ascending
 * @param relevanceLevel lowest grade that counts as relevant
 * @param relevant number of documents judged relevant, retrieved or not
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; leaves the package nowhere
record JudgedRanking(int[] grades, int[] pool, int relevanceLevel, int relevant) {
  static final int NOT_IN_POOL = -1;
  static final int UNJUDGED = -2;

  static JudgedRanking of(
      Ranking ranking, Map<String, Integer> judgements, EvaluationOptions options) {
    int[] grades = new int[Math.min(ranking.size(), options.maxRetrieved())];
    for (int i = 0; i < grades.length; i++) {
      Integer grade = judgements.get(ranking.id(i));
      grades[i] = grade == null ? NOT_IN_POOL : grade < 0 ? UNJUDGED : grade;
    }
    int[] pool =
        judgements.values().stream().mapToInt(g -> g).filter(g -> g >= 0).sorted().toArray();
    int level = options.relevanceLevel();
    int relevant = (int) Arrays.stream(pool).filter(grade -> grade >= level).count();
    return new JudgedRanking(grades, pool, level, relevant);
  }

  int retrieved() {
    return grades.length;
  }

  boolean isRelevant(int place) {
    return grades[place] >= relevanceLevel;
  }

  /** Number of relevant documents among the first {@code depth}. */
  int relevantIn(int depth) {
    int count = 0;
    for (int i = 0; i < Math.min(depth, grades.length); i++) {
      if (isRelevant(i)) {
        count++;
      }
    }
    return count;
  }

  /** Number of documents judged above 0, retrieved or not. */
  int positive() {
    return (int) Arrays.stream(pool).filter(grade -> grade > 0).count();
  }

  /** Number of documents judged, and judged below the relevance level. */
  int judgedNonRelevant() {
    return pool.length - relevant;
  }
}
