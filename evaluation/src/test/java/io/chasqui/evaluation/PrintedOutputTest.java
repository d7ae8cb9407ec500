package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.evaluation.EvaluationOptions.MissingQueries;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our own queries and answers, and what trec_eval 10.0 printed for them; docs/decisions/080 says
 * with which command.
 */
class PrintedOutputTest {
  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(PrintedOutputTest.class.getResource(name), name).toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"qc", "qc-l2", "qc-M3"})
  void everyLineIsAsTrecEvalPrintsIt(String options) throws IOException, URISyntaxException {
    List<String> expected = Files.readAllLines(resource("orchard." + options + ".txt"));
    List<Metric> metrics =
        expected.stream()
            .map(line -> line.substring(0, line.indexOf('\t')).strip())
            .distinct()
            .sorted((a, b) -> a.equals("num_q") ? -1 : b.equals("num_q") ? 1 : 0)
            .map(Metric::parse)
            .toList();
    Evaluation evaluation =
        Evaluator.of(
                metrics,
                EvaluationOptions.defaults()
                    .withRelevanceLevel(options.endsWith("l2") ? 2 : 1)
                    .withMaxRetrieved(options.endsWith("M3") ? 3 : Integer.MAX_VALUE))
            .evaluate(
                TrecFiles.readQrels(resource("orchard.qrels")),
                TrecFiles.readRun(resource("orchard.run")));
    assertEquals(String.join("\n", expected), String.join("\n", evaluation.toTrecEvalLines(true)));
  }

  @Test
  void halvesAreRoundedToEvenAsByPrintf() {
    Metric metric = Metric.map();
    assertEquals("0.0312", Evaluation.print(metric, 1 / 32.0));
    assertEquals("0.0938", Evaluation.print(metric, 3 / 32.0));
    assertEquals("0.1235", Evaluation.print(metric, 0.12345));
    assertEquals("0.0000", Evaluation.print(metric, 0));
    assertEquals("1.0000", Evaluation.print(metric, 1));
  }

  @Test
  void missingQueriesCountAreLeftOutOrAreRefused() {
    Qrels qrels = Qrels.builder().add("q1", "d", 1).add("q2", "d", 1).build();
    Run run = Run.builder("half").add("q1", "d", 1).build();
    EvaluationOptions options = EvaluationOptions.defaults();
    List<Metric> metrics = List.of(Metric.map());
    assertEquals(0.5, Evaluator.of(metrics, options).evaluate(qrels, run).total(Metric.map()));
    assertEquals(
        1.0,
        Evaluator.of(metrics, options.withMissing(MissingQueries.LEAVE_OUT))
            .evaluate(qrels, run)
            .total(Metric.map()));
    IllegalArgumentException refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            IllegalArgumentException.class,
            () ->
                Evaluator.of(metrics, options.withMissing(MissingQueries.REFUSE))
                    .evaluate(qrels, run));
    assertEquals("run half has no answer to judged queries: [q2]", refused.getMessage());
  }

  @Test
  void msMarcoCountsEachJudgedDocumentAndNeedsNoScore() {
    Qrels qrels = Qrels.builder().add("q1", "zero", 0).add("q1", "one", 1).build();
    Run run = Run.builder("r").addInOrder("q1", List.of("other", "zero", "one")).build();
    Evaluation evaluation =
        Evaluator.of(Metric.msMarcoMrr(10), Metric.mrr(10)).evaluate(qrels, run);
    assertEquals(1 / 2.0, evaluation.total(Metric.msMarcoMrr(10)));
    assertEquals(1 / 3.0, evaluation.total(Metric.mrr(10)));
  }

  @Test
  void namesParseToTheirMetrics() {
    assertEquals(Metric.ndcg(10), Metric.parse("nDCG@10"));
    assertEquals(Metric.mrr(10), Metric.parse("MRR@10"));
    assertEquals(Metric.recall(100), Metric.parse("recall.100"));
    Stream.of("ndcg_cut_10", "recip_rank", "recip_rank_10", "P_5", "map", "map_cut_5", "Rprec")
        .forEach(name -> assertEquals(name, Metric.parse(name).name()));
  }

  @Test
  void hugeGradesCostNoMemory() {
    Qrels qrels = Qrels.builder().add("q", "a", Integer.MAX_VALUE).add("q", "b", 1).build();
    Run run = Run.builder("r").add("q", "a", 1).add("q", "b", 0).build();
    assertEquals(1.0, Evaluator.of(Metric.ndcg(10)).evaluate(qrels, run).total(Metric.ndcg(10)));
  }
}
