package io.chasqui.examples;

import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What Ma et al. report, and where ours stand against it.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, tables 1 to 3: RepLLaMA-7B,
 *     RankLLaMA-7B over its top 200</a>
 */
final class PublishedFigures {
  /** A figure of the paper, in per cent as printed there. */
  record Figure(String collection, String system, String metric, double percent) {}

  private static final List<Figure> FIGURES =
      List.of(
          new Figure("msmarco-dev", "bm25", "msmarco_mrr_10", 18.4),
          new Figure("msmarco-dev", "dense", "msmarco_mrr_10", 41.2),
          new Figure("msmarco-dev", "dense", "recall_1000", 99.4),
          new Figure("dl19", "bm25", "ndcg_cut_10", 50.6),
          new Figure("dl19", "dense", "ndcg_cut_10", 74.3),
          new Figure("dl19", "reranked", "ndcg_cut_10", 75.6),
          new Figure("dl20", "bm25", "ndcg_cut_10", 48.0),
          new Figure("dl20", "dense", "ndcg_cut_10", 72.1),
          new Figure("scifact", "dense", "ndcg_cut_10", 75.6),
          new Figure("nfcorpus", "dense", "ndcg_cut_10", 37.8),
          new Figure("fiqa", "dense", "ndcg_cut_10", 45.8),
          new Figure("scidocs", "dense", "ndcg_cut_10", 18.1),
          new Figure("arguana", "dense", "ndcg_cut_10", 48.6),
          new Figure("trec-covid", "dense", "ndcg_cut_10", 84.7));

  private PublishedFigures() {}

  static List<Figure> of(String collection) {
    return FIGURES.stream().filter(figure -> figure.collection().equals(collection)).toList();
  }

  /** Measured beside published, as Markdown; "" if nothing was published for the collection. */
  static String table(String collection, Map<String, Evaluation> measured) {
    StringBuilder text = new StringBuilder();
    for (Figure figure : of(collection)) {
      Evaluation evaluation = measured.get(figure.system());
      Metric metric = Metric.parse(figure.metric());
      if (evaluation != null && evaluation.metrics().contains(metric)) {
        double ours = 100 * evaluation.total(metric);
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %.1f | %.1f | %+.1f |%n",
                figure.system(),
                figure.metric(),
                ours,
                figure.percent(),
                ours - figure.percent()));
      }
    }
    return text.isEmpty()
        ? ""
        : "Against RepLLaMA-7B and RankLLaMA-7B as published, in per cent:\n\n"
            + "| run | metric | measured | published | difference |\n|---|---|---|---|---|\n"
            + text;
  }
}
