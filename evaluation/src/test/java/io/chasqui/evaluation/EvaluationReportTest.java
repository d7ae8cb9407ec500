package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationReportTest {
  private static final Evaluator EVALUATOR = Evaluator.of(Metric.mrr(10), Metric.retrievedCount());

  /** Twelve queries; the relevant document is first for the better run, second for the other. */
  private static EvaluationReport report(ReportOptions options) {
    Qrels.Builder qrels = Qrels.builder();
    Run.Builder worse = Run.builder("worse");
    Run.Builder better = Run.builder("better|tuned");
    for (int q = 0; q < 12; q++) {
      qrels.add("q" + q, "good", 1);
      worse.addInOrder("q" + q, List.of("bad", "good"));
      better.addInOrder("q" + q, q == 0 ? List.of("bad", "good") : List.of("good", "bad"));
    }
    Qrels judged = qrels.build();
    return EvaluationReport.of(
        "Two runs",
        List.of(
            EVALUATOR.evaluate(judged, worse.build()), EVALUATOR.evaluate(judged, better.build())),
        options);
  }

  @Test
  void markdownHasTheValuesAndTheTests() {
    String markdown = report(ReportOptions.defaults()).toMarkdown();
    assertTrue(markdown.startsWith("# Two runs\n\n12 queries; in brackets 95 % bootstrap"));
    assertTrue(markdown.contains("| run | recip_rank_10 | num_ret |\n|---|---|---|\n"), markdown);
    assertTrue(markdown.contains("| worse | 0.5000 [0.5000, 0.5000] | 24 |\n"), markdown);
    assertTrue(markdown.contains("| better\\|tuned | 0.9583 ["), markdown);
    assertTrue(
        markdown.matches(
            "(?s).*\\| better\\\\\\|tuned \\| recip_rank_10 \\| \\+0\\.4583 \\[.*\\] \\* \\|"
                + " 0\\.0000 \\| 0\\.0010 \\| 11/0 \\|\n"),
        markdown);
  }

  @Test
  void jsonHasTheSameContentAndIsRepeatable() throws IOException {
    EvaluationReport report = report(ReportOptions.defaults());
    JsonNode json = new ObjectMapper().readTree(report.toJson());
    assertEquals(12, json.path("queries").asInt());
    assertEquals("HOLM", json.at("/options/correction").asText());
    assertEquals(0.5, json.at("/values/0/value").asDouble());
    assertEquals(2 / 2048.0, json.at("/comparisons/0/randomisation").asDouble());
    assertTrue(json.at("/comparisons/0/significant").asBoolean());
    assertEquals(report.toJson(), report(ReportOptions.defaults()).toJson());
  }

  @Test
  void aStricterLevelCallsLessSignificant() {
    ReportOptions strict = ReportOptions.defaults().withLevel(1e-4);
    assertFalse(report(strict).comparisons().get(0).significant());
  }

  @Test
  void runsOfOneNameAreRefused() {
    Qrels qrels = Qrels.builder().add("q", "d", 1).build();
    Evaluation one = EVALUATOR.evaluate(qrels, Run.builder("r").add("q", "d", 1).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> EvaluationReport.of("t", List.of(one, one), ReportOptions.defaults()));
  }
}
