package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.djl.Batching;
import io.chasqui.djl.Length;
import io.chasqui.djl.Objective;
import io.chasqui.djl.Optimisation;
import io.chasqui.djl.Schedule;
import io.chasqui.djl.Trainer;
import io.chasqui.djl.TrainerOptions;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.djl.TrainingTask;
import io.chasqui.djl.Tuning;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.examples.Terminal;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * From a folder of documents to a LoRA adapter that retrieves them better, in minutes on a
 * processor: queries are read or made, hard negatives mined, the adapter trained, measured on
 * queries that were kept apart, and loaded beside the model that is running.
 */
@Command(
    name = "fine-tune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Adapts a retriever to the .txt, .md and .adoc files of a folder.",
      "Without --queries, titles, headings and first sentences are the queries. A run that was"
          + " stopped goes on where it stopped."
    })
public final class FineTuneOnYourDocuments implements Callable<Integer> {
  private static final int DEPTH = 100;
  private static final int NEGATIVES = 8;
  private static final int HELD_OUT_SHARE = 5;
  private static final int FEWEST_QUERIES = 20;
  private static final List<Metric> METRICS =
      List.of(Metric.ndcg(10), Metric.msMarcoMrr(10), Metric.recall(DEPTH));

  @Parameters(paramLabel = "FOLDER", description = "The documents.")
  private Path folder = Path.of("");

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      required = true,
      description = "Model directory with its retrieval card (chasqui.json).")
  private Path model = Path.of("");

  @Mixin private RunOptions settings = new RunOptions();

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = "Lines of a query, a tab and the path, below FOLDER, of what answers it.")
  private Optional<Path> queryFile = Optional.empty();

  @Option(
      names = "--role",
      defaultValue = "repllama",
      description = "The card's role to adapt. Default: ${DEFAULT-VALUE}")
  private String role = "repllama";

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "120",
      description = "Updates of training. Default: ${DEFAULT-VALUE}")
  private int updates;

  @Option(
      names = "--rate",
      defaultValue = "2e-4",
      description = "Peak learning rate. Default: ${DEFAULT-VALUE}")
  private double rate;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new FineTuneOnYourDocuments()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try {
      run(spec.commandLine().getOut());
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException e) {
      spec.commandLine().getErr().println("fine-tune: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private void run(PrintWriter log) throws IOException {
    DocumentFolder documents = DocumentFolder.read(folder);
    List<TrainingQuery> queries =
        queryFile.isPresent() ? documents.readQueries(queryFile.get()) : documents.makeQueries();
    if (queries.size() < FEWEST_QUERIES) {
      throw new IOException(
          "%d queries are too few to train on and to measure with: at least %d"
              .formatted(queries.size(), FEWEST_QUERIES));
    }
    Split split = Split.of(queries, settings.seed());
    log.printf(
        "  %,d passages, %,d queries %s, of them %,d kept apart for measuring%n",
        documents.passages().size(),
        queries.size(),
        queryFile.isPresent() ? "read" : "made of titles, headings and first sentences",
        split.heldOut().size());
    ModelBundle bundle = ModelBundle.read(model);
    Stages stages = settings.stages(log);
    List<String> inputs =
        List.of(
            Stages.sha256(folder),
            queryFile.isPresent() ? Stages.sha256(queryFile.get()) : "made",
            "seed " + settings.seed());
    Stages.Done mined = stages.run("mine", inputs, dir -> mine(documents.passages(), split, dir));
    Stages.Done trained =
        stages.run(
            "train",
            List.of(
                mined.key(),
                bundle.fingerprint(role),
                updates + " updates",
                "rate " + rate,
                "negatives like positives"),
            dir -> train(bundle, examples(mined, queries), dir));
    Role plain = bundle.role(role).withoutAdapter();
    ModelBundle tuned = bundle.withRole(plain, trained.file("adapter"));
    compare(documents.passages(), split, bundle, tuned, log);
    log.println("  adapter            " + trained.file("adapter"));
    log.flush();
  }

  /**
   * Queries to learn from and queries to measure with; of one document, all are on one side.
   *
   * @param train for the trainer
   * @param heldOut for nothing but the figures
   */
  record Split(List<TrainingQuery> train, List<TrainingQuery> heldOut) {
    static Split of(List<TrainingQuery> queries, long seed) {
      Map<String, List<TrainingQuery>> groups = new LinkedHashMap<>();
      for (TrainingQuery query : queries) {
        String id = query.positives().get(0).id();
        groups.computeIfAbsent(id, p -> new ArrayList<>()).add(query);
      }
      List<List<TrainingQuery>> shuffled = new ArrayList<>(groups.values());
      Collections.shuffle(shuffled, new Random(seed));
      int held = Math.max(1, shuffled.size() / HELD_OUT_SHARE);
      return new Split(
          shuffled.subList(held, shuffled.size()).stream().flatMap(List::stream).toList(),
          shuffled.subList(0, held).stream().flatMap(List::stream).toList());
    }
  }

  private static void mine(List<Passage> passages, Split split, Path dir) throws IOException {
    try (LuceneRetriever words =
        TrainingSteps.words(
            dir.resolve("index"), Analysis.english(), passages.iterator(), passages.size())) {
      MiningOptions options = MiningOptions.defaults().withRanks(1, 30).withNegatives(NEGATIVES);
      TrainingSteps.mine(Map.of("bm25", words), split.train(), options, dir.resolve("train.jsonl"));
    }
  }

  /** Made queries have parts of passages as positives: then negatives are such parts as well. */
  private TrainingData<TrainingExample> examples(Stages.Done mined, List<TrainingQuery> queries)
      throws IOException {
    TrainingData<TrainingExample> examples = TrainingFiles.tevatron(mined.file("train.jsonl"));
    if (queryFile.isPresent()) {
      return examples;
    }
    List<TrainingExample> made =
        queries.stream()
            .map(q -> TrainingExample.of(q.id(), q.text(), q.positives(), List.of()))
            .toList();
    return LikePositives.of(examples, TrainingData.of(made));
  }

  private void train(ModelBundle bundle, TrainingData<TrainingExample> examples, Path dir)
      throws IOException {
    Tuning.Lora lora =
        AdapterShape.of(
            bundle, role, Tuning.Lora.defaults().withRank(16).withAlpha(32).withDropout(0));
    TrainingTask task =
        new TrainingTask(bundle, role, Objective.Retrieval.defaults().withTemperature(0.05), lora);
    TrainerOptions options =
        TrainerOptions.defaults()
            .withOptimisation(
                Optimisation.defaults()
                    .withLearningRate(rate)
                    .withSchedule(new Schedule.Linear(Math.max(1, updates / 10))))
            .withBatching(Batching.defaults().withSize(16).withPassages(2))
            .withLength(new Length.Updates(updates))
            .withCheckpointEvery(Math.max(5, updates / 10))
            .withSeed(settings.seed());
    // The queries kept apart choose nothing here, or they would measure nothing.
    Trainer.of(task, options).on(Device.cpu(settings.threads())).train(examples, dir);
  }

  private void compare(
      List<Passage> passages, Split split, ModelBundle before, ModelBundle after, PrintWriter log)
      throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    Qrels.Builder qrels = Qrels.builder();
    for (TrainingQuery query : split.heldOut()) {
      texts.put(query.id(), query.text());
      query.positives().forEach(p -> qrels.add(query.id(), p.id(), 1));
    }
    Qrels judged = qrels.build();
    Evaluator evaluator = Evaluator.of(METRICS.toArray(Metric[]::new));
    try (ModelSession running = OnnxBackend.load(before, Device.cpu(settings.threads()))) {
      Run first = search("before", running, passages, texts);
      long start = System.nanoTime();
      // The running model stays as it is for whoever uses it; the base's file is mapped once more.
      try (ModelSession adapted = OnnxBackend.load(after, Device.cpu(settings.threads()))) {
        log.printf(
            "  loaded             the adapter beside the running model in %s%n",
            Terminal.time(Duration.ofNanos(System.nanoTime() - start)));
        Run second = search("after", adapted, passages, texts);
        log.println();
        log.println(
            EvaluationReport.of(
                    "Held-out queries before and after",
                    List.of(evaluator.evaluate(judged, first), evaluator.evaluate(judged, second)),
                    ReportOptions.defaults())
                .toMarkdown());
      }
    }
  }

  private Run search(
      String name, ModelSession session, List<Passage> passages, Map<String, String> queries)
      throws IOException {
    Encoder encoder = session.encoder(role);
    Path directory =
        settings.work().resolve("vectors-" + encoder.space().fingerprint().substring(0, 16));
    try (PassageIndex index =
        TrainingSteps.vectors(directory, encoder, passages.iterator(), passages.size())) {
      return TrainingSteps.search(name, Retriever.of(encoder, index), queries, DEPTH);
    }
  }
}
