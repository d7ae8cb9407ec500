package io.chasqui.examples;

import io.chasqui.ChasquiException;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Reranker;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import io.chasqui.examples.CheckpointEvaluation.Candidates;
import io.chasqui.examples.CheckpointEvaluation.Engine;
import io.chasqui.examples.CheckpointEvaluation.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Measures a checkpoint as the paper does: encodes a test collection, searches it (BM25, dense,
 * both fused), reranks, and prints trec_eval's metrics with significance tests, beside what was
 * published.
 *
 * <p>Encoding and reranking can be killed and gone on with. Exit code 0; 1 if something went wrong;
 * 2 for a wrong command line.
 */
@Command(
    name = "evaluate-checkpoint",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class,
    sortOptions = false,
    description =
        "Encodes test collections with a checkpoint, searches, reranks and evaluates, with BM25 and"
            + " hybrid search beside it. Kill it and start it again: it goes on.",
    footer = {
      "",
      "RepLLaMA-7B and RankLLaMA-7B on SciFact (published nDCG@10: 75.6):",
      "  evaluate-checkpoint -m llama-2-7b --preset repllama-v1=repllama \\",
      "    --preset rankllama-v1=rankllama --cuda 0 --work out beir/scifact",
      "On MS MARCO dev (published MRR@10: 41.2; with the passages' titles, as Tevatron has them):",
      "  evaluate-checkpoint … --ms-marco --name msmarco-dev --corpus corpus.jsonl \\",
      "    --queries queries.dev.small.tsv --qrels qrels.dev.small.tsv"
    })
public final class EvaluateCheckpoint implements Callable<Integer> {
  private static final int FILE_OPTIONS = 4;

  @Parameters(
      paramLabel = "FOLDER",
      arity = "0..*",
      description = "Collections in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv.")
  private List<Path> folders = List.of();

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "test",
      description = "Judgements of a FOLDER to use. Default: ${DEFAULT-VALUE}")
  private String split = "";

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description =
          "Instead of FOLDERs: documents in MS MARCO's .tsv or as .jsonl, plain or .gz; with"
              + " --queries, --qrels and --name.")
  private Optional<Path> corpus = Optional.empty();

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = "Questions: id TAB text, or .jsonl.")
  private Optional<Path> queries = Optional.empty();

  @Option(names = "--qrels", paramLabel = "FILE", description = "Judgements in TREC's columns.")
  private Optional<Path> qrels = Optional.empty();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the collection is: msmarco-dev, dl19, dl20…")
  private Optional<String> name = Optional.empty();

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--reranker-model",
      paramLabel = "DIR",
      description = "Model directory of the reranker, with a card, if it is another one.")
  private Optional<Path> rerankerModel = Optional.empty();

  @Option(names = "--encoder", paramLabel = "ROLE", description = "Default: the only encoder.")
  private Optional<String> encoderRole = Optional.empty();

  @Option(names = "--reranker", paramLabel = "ROLE", description = "Default: the only scorer.")
  private Optional<String> rerankerRole = Optional.empty();

  @Option(names = "--no-rerank", description = "Leaves reranking out.")
  private boolean noRerank;

  @Option(
      names = {"-w", "--work"},
      paramLabel = "DIR",
      required = true,
      description = "Where indexes, runs and reports are kept, a folder for each collection.")
  private Path work = Path.of("");

  @Option(
      names = "--hits",
      paramLabel = "K",
      defaultValue = "1000",
      description = "Hits per query. Default: ${DEFAULT-VALUE}")
  private int hits;

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "200",
      description = "Candidates that are reranked. Default: ${DEFAULT-VALUE}, as in the paper")
  private int depth;

  @Option(
      names = "--candidates",
      defaultValue = "DENSE",
      description = "Whose hits are reranked: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Candidates candidates = Candidates.DENSE;

  @Option(
      names = "--search",
      defaultValue = "AUTO",
      description =
          "${COMPLETION-CANDIDATES}: EXACT compares all vectors, many queries at once, in memory;"
              + " INDEX uses graphs; AUTO is EXACT if a quarter of -Xmx holds the vectors."
              + " Default: ${DEFAULT-VALUE}")
  private Engine engine = Engine.AUTO;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "ndcg_cut_10,recip_rank_10,recall_100,map",
      description = "trec_eval's names. Default: ${DEFAULT-VALUE}")
  private List<String> metrics = List.of();

  @Option(
      names = "--ms-marco",
      description = "MS MARCO's convention: msmarco_mrr_10 and recall_1000 come first.")
  private boolean msMarco;

  @Option(
      names = "--drop-identical-ids",
      description =
          "Leaves out a document with the question's own id, as BEIR does: for ArguAna and Quora,"
              + " whose questions are documents.")
  private boolean dropIdenticalIds;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new EvaluateCheckpoint()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    requireUsable();
    try {
      evaluateAll();
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException e) {
      // Said in one line: the message names file, line or field.
      spec.commandLine().getErr().println("evaluate-checkpoint: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private void requireUsable() {
    String problem = "";
    long given = Stream.of(corpus, queries, qrels, name).filter(Optional::isPresent).count();
    if (folders.isEmpty() ? given != FILE_OPTIONS : given != 0) {
      problem = "give either FOLDERs or --corpus, --queries, --qrels and --name";
    } else if (hits < 1 || depth < 1) {
      problem = "--hits and --depth must be positive: " + hits + ", " + depth;
    }
    try {
      metrics().forEach(metric -> {});
    } catch (IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (!problem.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), problem);
    }
  }

  private List<Metric> metrics() {
    List<String> names =
        new ArrayList<>(msMarco ? List.of("msmarco_mrr_10", "recall_1000") : List.of());
    metrics.stream().filter(name -> !names.contains(name)).forEach(names::add);
    return names.stream().map(Metric::parse).toList();
  }

  private List<TestCollection> collections() throws IOException {
    List<TestCollection> all = new ArrayList<>();
    for (Path folder : folders) {
      all.add(TestCollection.of(BeirFolder.open(folder), split));
    }
    if (name.isPresent()) {
      all.add(
          TestCollection.of(
              name.get(), corpus.orElseThrow(), queries.orElseThrow(), qrels.orElseThrow()));
    }
    return all;
  }

  private void evaluateAll() throws IOException {
    List<TestCollection> collections = collections();
    ModelBundle bundle = model.bundle();
    ModelBundle second = rerankerModel.isPresent() ? ModelBundle.read(rerankerModel.get()) : bundle;
    Optional<String> encoder = role(bundle, encoderRole, false);
    Optional<String> scorer = noRerank ? Optional.empty() : role(second, rerankerRole, true);
    if (encoder.isEmpty() && scorer.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "the model has neither an encoder nor a scorer: give it roles with --preset or --card");
    }
    String scorerName = scorer.isPresent() ? second.fingerprint(scorer.get()) : "";
    try (ModelSession session = model.load(bundle)) {
      if (second == bundle) {
        evaluate(collections, session, encoder, session, scorer, scorerName);
      } else {
        try (ModelSession other = model.load(second)) {
          evaluate(collections, session, encoder, other, scorer, scorerName);
        }
      }
    }
  }

  private void evaluate(
      List<TestCollection> collections,
      ModelSession encoding,
      Optional<String> encoderRole,
      ModelSession scoring,
      Optional<String> scorerRole,
      String scorerName)
      throws IOException {
    Optional<Encoder> encoder = encoderRole.map(encoding::encoder);
    Optional<Reranker> reranker = scorerRole.map(scoring::scorer).map(Reranker::of);
    Settings settings = new Settings(hits, depth, candidates, engine, !dropIdenticalIds);
    for (TestCollection collection : collections) {
      spec.commandLine().getErr().println(collection.name());
      Path folder = work.resolve(collection.name());
      CheckpointEvaluation evaluation = new CheckpointEvaluation(collection, folder, settings);
      report(collection, folder, evaluation.run(encoder, reranker, scorerName));
    }
  }

  /** The role that was asked for, or the only one of its kind; empty if there is none. */
  private Optional<String> role(ModelBundle bundle, Optional<String> wanted, boolean scorer) {
    List<String> found =
        bundle.roles().values().stream()
            .filter(role -> role.isScorer() == scorer)
            .map(role -> role.name())
            .toList();
    String option = scorer ? "--reranker" : "--encoder";
    if (wanted.isPresent() && !found.contains(wanted.get())) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), option + " " + wanted.get() + ": there are " + found);
    }
    if (wanted.isEmpty() && found.size() > 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "several roles fit, choose one with " + option + ": " + found);
    }
    return wanted.or(() -> found.stream().findFirst());
  }

  private void report(TestCollection collection, Path folder, Map<String, Run> runs)
      throws IOException {
    Qrels qrels = collection.qrels();
    Evaluator evaluator = Evaluator.of(metrics(), EvaluationOptions.defaults());
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    for (Run run : runs.values()) {
      TrecFiles.writeRun(folder.resolve(run.name() + ".run.gz"), run);
      evaluations.put(run.name(), evaluator.evaluate(qrels, run));
    }
    EvaluationReport report =
        EvaluationReport.of(
            collection.name(), List.copyOf(evaluations.values()), ReportOptions.defaults());
    String published = PublishedFigures.table(collection.publishedName(), evaluations);
    String text = report.toMarkdown() + (published.isEmpty() ? "" : "\n" + published);
    Files.writeString(folder.resolve("report.md"), text);
    Files.writeString(folder.resolve("report.json"), report.toJson() + "\n");
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
