package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.evaluation.EvaluationOptions.MissingQueries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares with what trec_eval itself printed, line by line. The files are not ours to distribute,
 * so the build does not run this; by hand:
 *
 * <pre>mvn -pl evaluation -am test -Dtest=TrecEvalParityCheck -Dchasqui.data=DIRECTORY
 *     -Dsurefire.failIfNoSpecifiedTests=false</pre>
 *
 * <p>The directory has {@code trec_eval_parity/NAME.qrels}, {@code NAME.run} and {@code
 * NAME.vVERSION.OPTIONS.txt}.
 */
class TrecEvalParityCheck {
  /** Printed by trec_eval, and no metric of ours. */
  private static final Set<String> OTHERS =
      Set.of(
          "runid",
          "gm_map",
          "gm_bpref",
          "iprec_at_recall",
          "relstring",
          "infAP",
          "Rprec_mult",
          "utility",
          "11pt_avg",
          "binG",
          "G",
          "ndcg_rel",
          "Rndcg",
          "relative_P",
          "set_P",
          "set_relative_P",
          "set_recall",
          "set_map",
          "set_F",
          "num_nonrel_judged_ret",
          "rbp",
          "rbp_resid",
          "unj");

  @TestFactory
  List<DynamicTest> printsWhatTrecEvalPrinted() throws IOException {
    String data = System.getProperty("chasqui.data");
    Path folder = Path.of(Objects.requireNonNull(data, "chasqui.data"), "trec_eval_parity");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".txt"))
          .sorted()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> compare(file)))
          .toList();
    }
  }

  private static void compare(Path expected) throws IOException {
    String file = expected.getFileName().toString();
    String pair = file.substring(0, file.indexOf(".v"));
    boolean floats = file.contains(".v9.");
    Qrels qrels = TrecFiles.readQrels(expected.resolveSibling(pair + ".qrels"));
    Run run = TrecFiles.readRun(expected.resolveSibling(pair + ".run"));

    List<String> theirs = new ArrayList<>();
    Map<String, Metric> metrics = new LinkedHashMap<>();
    for (String line : Files.readAllLines(expected)) {
      String name = line.substring(0, line.indexOf('\t')).strip();
      String family = name.replaceFirst("_[0-9.]+$", "");
      if (!OTHERS.contains(family)) {
        metrics.computeIfAbsent(name, Metric::parse);
        theirs.add(line);
      }
    }
    Evaluation evaluation =
        Evaluator.of(List.copyOf(metrics.values()), options(file))
            .evaluate(qrels, floats ? asFloats(run) : run);

    Map<String, String> ours =
        evaluation.toTrecEvalLines(true).stream()
            .collect(Collectors.toMap(TrecEvalParityCheck::key, line -> line));
    assertTrue(theirs.size() >= metrics.size(), file);
    for (String line : theirs) {
      assertEquals(line, ours.remove(key(line)), file);
    }
    if (!floats) { // 9 prints no line for queries that have no answer
      assertEquals(Map.of(), ours, "lines that trec_eval does not print");
    }
    System.out.printf(
        "%s: %d lines equal, %d metrics, %d queries%n",
        file, theirs.size(), metrics.size(), evaluation.queryIds().size());
  }

  private static String key(String line) {
    return String.join("\t", Arrays.asList(line.split("\t", 3)).subList(0, 2));
  }

  private static EvaluationOptions options(String file) {
    EvaluationOptions options = EvaluationOptions.defaults();
    if (file.contains(".q-")) {
      options =
          options.withMissing(
              file.contains(".v9.") ? MissingQueries.LEAVE_OUT : MissingQueries.REFUSE);
    }
    if (file.contains("-M10")) {
      options = options.withMaxRetrieved(10);
    }
    return file.contains("-l2") ? options.withRelevanceLevel(2) : options;
  }

  /** Version 9 holds scores as C floats. */
  private static Run asFloats(Run run) {
    Run.Builder rounded = Run.builder(run.name());
    for (String query : run.queryIds()) {
      Ranking ranking = run.ranking(query);
      for (int i = 0; i < ranking.size(); i++) {
        rounded.add(query, ranking.id(i), (float) ranking.score(i));
      }
    }
    return rounded.build();
  }
}
