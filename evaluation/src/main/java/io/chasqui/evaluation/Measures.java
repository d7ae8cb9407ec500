package io.chasqui.evaluation;

/**
 * trec_eval 10.0's measures, each for one query. Loops run in the order of the original, so that
 * sums round alike.
 *
 * @see <a href="https://github.com/usnistgov/trec_eval">m_*.c of trec_eval</a>
 */
final class Measures {
  private Measures() {}

  /** Graded gain, discounted by log2 of the rank + 1, over that of the best possible order. */
  static double ndcg(JudgedRanking ranking, int depth) {
    double gained = 0;
    for (int i = 0; i < Math.min(depth, ranking.retrieved()); i++) {
      int grade = ranking.grades()[i];
      if (grade > 0) {
        gained += grade / log2(i + 2);
      }
    }
    double ideal = 0;
    int[] pool = ranking.pool();
    for (int i = 0; i < Math.min(depth, pool.length); i++) {
      ideal += pool[pool.length - 1 - i] / log2(i + 2);
    }
    return ideal > 0 ? gained / ideal : 0;
  }

  private static double log2(int n) {
    return Math.log(n) / Math.log(2);
  }

  /** 1 / rank of the first relevant document. */
  static double reciprocalRank(JudgedRanking ranking, int depth) {
    for (int i = 0; i < Math.min(depth, ranking.retrieved()); i++) {
      if (ranking.isRelevant(i)) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }

  /** As {@link #reciprocalRank}, but each judged document is relevant, whatever its grade. */
  static double msMarcoReciprocalRank(JudgedRanking ranking, int depth) {
    for (int i = 0; i < Math.min(depth, ranking.retrieved()); i++) {
      if (ranking.grades()[i] != JudgedRanking.NOT_IN_POOL) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }

  static double recall(JudgedRanking ranking, int depth) {
    return ranking.relevant() == 0
        ? 0
        : (double) ranking.relevantIn(depth) / (double) ranking.relevant();
  }

  /** Over {@code depth}, also if fewer documents were retrieved. */
  static double precision(JudgedRanking ranking, int depth) {
    return (double) ranking.relevantIn(depth) / (double) depth;
  }

  static double averagePrecision(JudgedRanking ranking, int depth) {
    int found = 0;
    double sum = 0;
    for (int i = 0; i < Math.min(depth, ranking.retrieved()); i++) {
      if (ranking.isRelevant(i)) {
        found++;
        sum += (double) found / (double) (i + 1);
      }
    }
    return found == 0 ? 0 : sum / ranking.relevant();
  }

  /** Precision after as many documents as are relevant. */
  static double rPrecision(JudgedRanking ranking) {
    return recall(ranking, ranking.relevant());
  }

  static double success(JudgedRanking ranking, int depth) {
    return ranking.relevantIn(depth) > 0 ? 1 : 0;
  }

  /** How seldom judged non-relevant documents stand before relevant ones. */
  static double bpref(JudgedRanking ranking) {
    int nonRelevant = ranking.judgedNonRelevant();
    int seen = 0;
    double sum = 0;
    for (int i = 0; i < ranking.retrieved(); i++) {
      int grade = ranking.grades()[i];
      if (grade < 0) {
        continue;
      }
      if (!ranking.isRelevant(i)) {
        seen++;
      } else if (seen == 0) {
        sum += 1;
      } else {
        sum +=
            1.0
                - (double) Math.min(seen, ranking.relevant())
                    / (double) Math.min(nonRelevant, ranking.relevant());
      }
    }
    return ranking.relevant() == 0 ? sum : sum / ranking.relevant();
  }
}
