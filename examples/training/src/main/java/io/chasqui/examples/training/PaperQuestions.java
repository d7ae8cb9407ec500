package io.chasqui.examples.training;

import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The paper's questions, each answered by two runs of a collection. Each is tested by itself, by
 * nDCG@10; the answer is yes or no where the t-test and the randomisation test both say so.
 */
final class PaperQuestions {
  private static final double LEVEL = 0.05;

  private final List<Question> questions = new ArrayList<>();

  /**
   * One question.
   *
   * @param text "Does reranking help?"
   * @param collection name of it
   * @param qrels of the queries that were searched for
   * @param without the run that the answer "no" prefers
   * @param with the run that the answer "yes" prefers
   */
  private record Question(String text, String collection, Qrels qrels, Run without, Run with) {
    String row() {
      Evaluator evaluator = Evaluator.of(PaperReport.NDCG);
      Evaluation before = evaluator.evaluate(qrels, without);
      Evaluation after = evaluator.evaluate(qrels, with);
      double t = Significance.pairedT(before, after, PaperReport.NDCG).pValue();
      ReportOptions options = ReportOptions.defaults();
      double flips =
          Significance.randomisation(
                  before, after, PaperReport.NDCG, options.rounds(), options.seed())
              .pValue();
      double first = before.total(PaperReport.NDCG);
      double second = after.total(PaperReport.NDCG);
      return String.format(
          Locale.ROOT,
          "| %s | %s | %.4f | %.4f | %+.4f | %.3f | %.3f | %s |%n",
          text,
          collection,
          first,
          second,
          second - first,
          t,
          flips,
          Math.max(t, flips) >= LEVEL ? "inconclusive" : second > first ? "yes" : "no");
    }
  }

  /** Adds a question about two runs of a collection. */
  void ask(String text, String collection, Qrels qrels, Run without, Run with) {
    questions.add(new Question(text, collection, qrels, without, with));
  }

  /** A table in Markdown. */
  String table() {
    StringBuilder table =
        new StringBuilder("## The paper's questions\n\n")
            .append("nDCG@10 without and with; p of the paired t-test and of the randomisation")
            .append(" test, each question tested by itself, level 0.05.\n\n")
            .append("| question | collection | without | with | difference | p (t) | p (r) | |\n")
            .append("|---|---|---|---|---|---|---|---|\n");
    questions.forEach(question -> table.append(question.row()));
    return table.toString();
  }
}
