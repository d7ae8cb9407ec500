package io.chasqui.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Random judgements and answers with few different scores, awkward ids and unjudged documents. */
record TieHeavyRuns(
    Map<String, Map<String, Integer>> judged, Map<String, Map<String, Double>> answers) {
  private static final String[] IDS = {
    "a", "A", "9", "10", "a-1", "a_1", "\u00e9", "z", "\uff5e", "\ud83d\ude00", "\ue000", "~"
  };
  private static final double[] NEAR = {1, Math.nextUp(1.0), 1 + 1e-9, -0.0, 0.0, -1, 1e300};

  static TieHeavyRuns random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Map<String, Integer>> judged = new TreeMap<>();
    Map<String, Map<String, Double>> answers = new TreeMap<>();
    int queries = 1 + random.nextInt(5);
    for (int q = 0; q < queries; q++) {
      String query = IDS[random.nextInt(IDS.length)] + q;
      int documents = 1 + random.nextInt(40);
      int distinct = 1 + random.nextInt(4);
      double judgedShare = random.nextDouble();
      boolean missing = random.nextInt(8) == 0;
      for (int d = 0; d < documents; d++) {
        String id = IDS[random.nextInt(IDS.length)] + d;
        if (random.nextDouble() < judgedShare || d == 0) {
          int grade = random.nextInt(6) - 2;
          judged.computeIfAbsent(query, x -> new LinkedHashMap<>()).put(id, grade);
        }
        if (!missing && random.nextInt(4) > 0) {
          double score =
              random.nextInt(3) == 0
                  ? NEAR[random.nextInt(NEAR.length)]
                  : random.nextInt(distinct) / 2.0;
          answers.computeIfAbsent(query, x -> new LinkedHashMap<>()).put(id, score);
        }
      }
    }
    return new TieHeavyRuns(judged, answers);
  }

  Qrels qrels() {
    Qrels.Builder qrels = Qrels.builder();
    judged.forEach((q, byId) -> byId.forEach((id, grade) -> qrels.add(q, id, grade)));
    return qrels.build();
  }

  Run run() {
    Run.Builder run = Run.builder("random");
    answers.forEach((q, byId) -> byId.forEach((id, score) -> run.add(q, id, score)));
    return run.build();
  }
}
