package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import io.chasqui.examples.training.PaperExperiment.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The paper in miniature: BM25, RepLLaMA trained on BM25's negatives, RankLLaMA on RepLLaMA's
 * candidates; LoRA against full fine-tuning, sources of negatives, input lengths; zero-shot on
 * other collections; a report with tables, tests and plots.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023</a>
 */
@Command(
    name = "paper-in-miniature",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Repeats the paper's experiments on a BEIR folder and a base model of your own."
    })
public final class PaperInMiniature implements Callable<Integer> {
  @Parameters(paramLabel = "COLLECTION", description = "BEIR folder with a train split.")
  private Path collection = Path.of("");

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      required = true,
      description = "Base model: config.json, safetensors, tokenizer.json.")
  private Path model = Path.of("");

  @Mixin private RunOptions options = new RunOptions();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      required = true,
      description = "Where report.md and its plots are written.")
  private Path report = Path.of("");

  @Option(
      names = "--zero-shot",
      paramLabel = "DIR",
      split = ",",
      description = "BEIR folders to measure on without training.")
  private List<Path> others = new ArrayList<>();

  @Option(names = "--split", defaultValue = "test", description = "Default: ${DEFAULT-VALUE}")
  private String split = "test";

  @Option(
      names = "--train-split",
      defaultValue = "train",
      description = "Default: ${DEFAULT-VALUE}")
  private String trainSplit = "train";

  @Option(
      names = "--updates",
      defaultValue = "500",
      description = "Of each training. Default: ${DEFAULT-VALUE}")
  private int updates;

  @Option(
      names = "--lengths",
      split = ",",
      defaultValue = "16,32,64,128",
      description =
          "Passage tokens of the curve; the last is that of all runs. Default:"
              + " ${DEFAULT-VALUE}")
  private List<Integer> lengths = List.of();

  @Option(names = "--depth", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}")
  private int depth;

  @Option(names = "--rerank-depth", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}")
  private int rerankDepth;

  @Option(
      names = "--max-queries",
      defaultValue = "1000",
      description = "Measured per collection. Default: ${DEFAULT-VALUE}")
  private int maxQueries;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new PaperInMiniature()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      PaperPlan plan =
          new PaperPlan(
              collection,
              others,
              model,
              split,
              trainSplit,
              updates,
              lengths,
              depth,
              rerankDepth,
              maxQueries,
              options.threads(),
              options.seed());
      Files.createDirectories(report);
      write(plan, new PaperExperiment(plan, options.stages(out)).run(), out);
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException | IllegalArgumentException e) {
      spec.commandLine().getErr().println("paper-in-miniature: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private void write(PaperPlan plan, List<Outcome> outcomes, PrintWriter out) throws IOException {
    PaperReport paper =
        new PaperReport(report, "The paper in miniature: " + PaperPlan.name(plan.collection()));
    paper.paragraph(
        ("Trained on %s (%s), %d updates per model, passages of %d tokens, base %s, seed %d. BM25"
                + " is Lucene's with English analysis, k1 0.9, b 0.4; RRF fuses it with"
                + " RepLLaMA-LoRA; RankLLaMA orders the first %d.")
            .formatted(
                PaperPlan.name(plan.collection()),
                plan.trainSplit(),
                plan.updates(),
                plan.length(),
                PaperPlan.name(plan.model()),
                plan.seed(),
                plan.rerankDepth()));
    Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
    PaperQuestions questions = new PaperQuestions();
    for (Outcome outcome : outcomes) {
      Set<String> queries = outcome.runs().queries().keySet();
      var qrels = outcome.runs().folder().qrels(plan.split());
      List<Run> runs = new ArrayList<>();
      Map<String, Run> byName = new LinkedHashMap<>();
      for (Stages.Done stage : outcome.table()) {
        Run run = TrecFiles.readRun(PaperRuns.run(stage));
        runs.add(run);
        byName.put(run.name(), run);
        bars.computeIfAbsent(run.name(), name -> new LinkedHashMap<>())
            .put(outcome.name(), PaperReport.ndcg(qrels, queries, run));
      }
      paper.table(outcome.title(), qrels, queries, runs);
      Qrels judged = PaperReport.only(qrels, queries);
      PaperExperiment.ask(questions, outcome.name(), judged, byName);
      if (!outcome.curve().isEmpty()) {
        Map<Integer, Double> curve = new LinkedHashMap<>();
        List<Run> byLength = new ArrayList<>();
        for (var point : outcome.curve().entrySet()) {
          Run run = TrecFiles.readRun(PaperRuns.run(point.getValue()));
          byLength.add(run);
          curve.put(point.getKey(), PaperReport.ndcg(qrels, queries, run));
        }
        paper.curve("Input length at search", "length.png", curve);
        questions.ask(
            "Do longer passages help (%d to %d tokens)?"
                .formatted(plan.lengths().get(0), plan.length()),
            outcome.name(),
            judged,
            byLength.get(0),
            byLength.get(byLength.size() - 1));
      }
    }
    paper.paragraph(questions.table().strip());
    paper.bars("All collections", "collections.png", bars);
    out.println("  report             " + paper.write());
    out.flush();
  }
}
