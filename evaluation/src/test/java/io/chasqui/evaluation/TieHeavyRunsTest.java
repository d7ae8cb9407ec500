package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TieHeavyRunsTest {
  private static final int RUNS = 500;
  private static final long SEED = 20_261_122;
  private static final List<Metric> METRICS =
      Stream.of(
              "ndcg",
              "ndcg_cut_1",
              "ndcg_cut_5",
              "ndcg_cut_10",
              "ndcg_cut_1000",
              "recip_rank",
              "recip_rank_3",
              "msmarco_mrr_10",
              "recall_1",
              "recall_5",
              "recall_100",
              "P_1",
              "P_5",
              "P_100",
              "map",
              "map_cut_5",
              "Rprec",
              "bpref",
              "success_1",
              "success_5",
              "num_ret",
              "num_rel",
              "num_rel_ret")
          .map(Metric::parse)
          .toList();

  @Test
  void everyMetricEqualsItsDefinition() {
    int compared = 0;
    for (int n = 0; n < RUNS; n++) {
      TieHeavyRuns data = TieHeavyRuns.random(SEED + n);
      int level = 1 + n % 3;
      int max = n % 4 == 0 ? 7 : Integer.MAX_VALUE;
      Evaluation evaluation =
          Evaluator.of(
                  METRICS,
                  EvaluationOptions.defaults().withRelevanceLevel(level).withMaxRetrieved(max))
              .evaluate(data.qrels(), data.run());
      assertEquals(data.judged().keySet(), evaluation.queryIds());
      for (Metric metric : METRICS) {
        List<Double> slow = new ArrayList<>();
        for (String query : data.judged().keySet()) {
          SlowMetrics definition =
              new SlowMetrics(
                  data.answers().getOrDefault(query, Map.of()),
                  data.judged().get(query),
                  level,
                  max);
          slow.add(definition.value(metric.name()));
          assertEquals(
              definition.value(metric.name()),
              evaluation.perQuery(metric).get(query),
              1e-9,
              metric + " of query " + query + ", seed " + (SEED + n));
          compared++;
        }
        if (!metric.isCount()) {
          double mean = slow.stream().mapToDouble(x -> x).sum() / slow.size();
          assertEquals(mean, evaluation.total(metric), 1e-9, metric + ", seed " + (SEED + n));
        }
      }
    }
    assertTrue(compared > 20_000, () -> "too little was compared");
  }
}
