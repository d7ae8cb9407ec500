package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.Device;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Fusion;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains the small model that the quickstart ships, from nothing but the Javadoc of libraries:
 * tokenizer, base, RepLLaMA adapter, RankLLaMA adapter. Guava is held out of all of it.
 */
@Command(
    name = "train-tiny-model",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a small retriever and reranker from the Javadoc of sources jars; the model lies in"
          + " model-HASH below --work."
    })
public final class TrainTinyModel implements Callable<Integer> {
  private static final String HELD_OUT = "guava";
  private static final int DEPTH = 100;
  private static final int SMALLEST_POOL = 3_000;
  private static final List<Metric> METRICS =
      List.of(Metric.ndcg(10), Metric.msMarcoMrr(10), Metric.recall(100));

  @Option(
      names = "--jars",
      paramLabel = "DIR",
      required = true,
      description = "Sources jars; mvn -Pjavadoc-jars puts them into target/javadoc-jars.")
  private Path jars = Path.of("");

  @Option(
      names = "--questions",
      paramLabel = "DIR",
      description = "Judged questions in BEIR's layout to measure on; nothing is chosen by them.")
  private Optional<Path> questions = Optional.empty();

  @Option(
      names = "--effort",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Multiplies the updates of each training: 1 takes hours on two cores, 0.05 shows that it"
              + " works. Default: ${DEFAULT-VALUE}")
  private double effort = 1;

  @Mixin private RunOptions options = new RunOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainTinyModel()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try {
      run(spec.commandLine().getOut());
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException e) {
      spec.commandLine().getErr().println("train-tiny-model: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private void run(PrintWriter out) throws IOException {
    Stages stages = options.stages(out);
    long seed = options.seed();
    TinyModelRecipe recipe = new TinyModelRecipe(options.threads(), seed);
    BaseRecipe baseRecipe = recipe.base();

    Stages.Done data =
        stages.run(
            "data",
            List.of(Stages.sha256(jars), "seed " + seed),
            dir ->
                out.println(
                    "  " + new JavadocTrainingSet(HELD_OUT, seed).write(jars, dir, w -> {})));
    Path corpus = data.file(JavadocTrainingSet.CORPUS);
    TrainingData<TrainingExample> dev = TrainingFiles.tevatron(data.file(JavadocTrainingSet.DEV));
    Stages.Done tokenizer =
        stages.run(
            "tokenizer",
            List.of(data.key(), baseRecipe.version()),
            dir -> baseRecipe.tokenizer(corpus, dir));
    Stages.Done start =
        stages.run(
            "start",
            List.of(tokenizer.key()),
            dir -> baseRecipe.initialise(tokenizer.directory(), dir));
    Stages.Done language =
        training(
            stages,
            "language",
            start,
            1_500,
            (dir, updates) ->
                baseRecipe.languageModel(
                    start.directory(), TrainingFiles.texts(corpus), updates, dir));
    Stages.Done contrastive =
        training(
            stages,
            "contrastive",
            language,
            6_000,
            (dir, updates) ->
                baseRecipe.contrastive(
                    language.file("model"),
                    TinyModelRecipe.retriever(),
                    TrainingFiles.tevatron(data.file(JavadocTrainingSet.TRAIN)),
                    dev,
                    updates,
                    dir));
    Path base = contrastive.file("model");

    long mined = updates(32_000);
    Stages.Done bm25 =
        stages.run("bm25", List.of(data.key(), "" + mined), dir -> mineWords(data, mined, dir));
    Stages.Done retriever =
        training(
            stages,
            TinyModelRecipe.RETRIEVER,
            new Stages.Done(base, contrastive.key() + bm25.key()),
            1_000,
            (dir, updates) ->
                recipe.retrieverAdapter(
                    base, TrainingFiles.tevatron(bm25.file("mined.jsonl")), dev, updates, dir));
    Stages.Done candidates =
        stages.run(
            "candidates",
            List.of(data.key(), retriever.key(), "" + mined),
            dir -> mineVectors(data, base, retriever.file("adapter"), mined, dir));
    Stages.Done reranker =
        training(
            stages,
            TinyModelRecipe.RERANKER,
            candidates,
            2_500,
            (dir, updates) ->
                recipe.rerankerAdapter(
                    base, TrainingFiles.tevatron(candidates.file("mined.jsonl")), updates, dir));
    Stages.Done model =
        stages.run(
            "model",
            List.of(retriever.key(), reranker.key()),
            dir ->
                TinyModelRecipe.assemble(
                    base, retriever.file("adapter"), reranker.file("adapter"), dir));
    out.println("  model              " + model.directory());
    if (questions.isPresent()) {
      Path folder = questions.get();
      Stages.Done report =
          stages.run(
              "evaluation",
              List.of(model.key(), Stages.sha256(folder)),
              dir -> evaluate(BeirFolder.open(folder), model.directory(), dir));
      out.println();
      out.println(Files.readString(report.file("report.md")));
    }
  }

  private interface Training {
    void run(Path directory, long updates) throws IOException;
  }

  private Stages.Done training(
      Stages stages, String name, Stages.Done before, long full, Training training)
      throws IOException {
    long updates = updates(full);
    return stages.run(
        name, List.of(before.key(), updates + " updates"), dir -> training.run(dir, updates));
  }

  private long updates(long full) {
    return Math.max(1, Math.round(full * effort));
  }

  private void mineWords(Stages.Done data, long count, Path dir) throws IOException {
    List<Passage> passages = passages(BeirFolder.open(data.directory()));
    try (LuceneRetriever words =
        TrainingSteps.words(dir.resolve("index"), passages.iterator(), passages.size())) {
      MiningOptions options = MiningOptions.defaults().withRanks(2, 60).withNegatives(8);
      TrainingSteps.mine("bm25", words, wanted(data, count), options, dir.resolve("mined.jsonl"));
    }
  }

  private void mineVectors(Stages.Done data, Path base, Path adapter, long count, Path dir)
      throws IOException {
    ModelBundle bundle = ModelBundle.read(base).withRole(TinyModelRecipe.retriever(), adapter);
    List<Passage> pool = pool(passages(BeirFolder.open(data.directory())));
    Set<String> ids = pool.stream().map(Passage::id).collect(Collectors.toSet());
    List<TrainingQuery> queries =
        wanted(data, Long.MAX_VALUE).stream()
            .filter(query -> ids.contains(query.positives().get(0).id()))
            .limit(count)
            .toList();
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(options.threads()))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      try (PassageIndex index =
          TrainingSteps.vectors(dir.resolve("index"), encoder, pool.iterator(), pool.size())) {
        MiningOptions options = MiningOptions.defaults().withRanks(1, 150).withNegatives(10);
        Retriever dense = Retriever.of(encoder, index);
        TrainingSteps.mine("dense", dense, queries, options, dir.resolve("mined.jsonl"));
      }
    }
  }

  /** All passages of a full run; fewer of a shorter one, whose time encoding would eat up. */
  private List<Passage> pool(List<Passage> passages) {
    List<Passage> shuffled = new ArrayList<>(passages);
    Collections.shuffle(shuffled, new Random(options.seed()));
    long size = Math.max(SMALLEST_POOL, updates(passages.size()));
    return shuffled.subList(0, (int) Math.min(size, shuffled.size()));
  }

  private List<TrainingQuery> wanted(Stages.Done data, long count) throws IOException {
    return TrainingSteps.queries(
        TrainingFiles.tevatron(data.file(JavadocTrainingSet.TRAIN)), options.seed(), count);
  }

  private static List<Passage> passages(BeirFolder folder) throws IOException {
    try (Stream<Document> corpus = folder.corpus()) {
      return corpus.map(Document::asPassage).toList();
    }
  }

  private void evaluate(BeirFolder folder, Path model, Path dir) throws IOException {
    Map<String, String> queries = folder.queryTexts("test");
    List<Passage> passages = passages(folder);
    try (ModelSession session =
        OnnxBackend.load(ModelBundle.read(model), Device.cpu(options.threads()))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      try (PassageIndex index =
              TrainingSteps.vectors(
                  dir.resolve("vectors"), encoder, passages.iterator(), passages.size());
          LuceneRetriever words =
              TrainingSteps.words(dir.resolve("words"), passages.iterator(), passages.size())) {
        Retriever dense = Retriever.of(encoder, index);
        Retriever both =
            Retriever.fused(Fusion.rrf(), 1000, dense.named("dense"), words.named("bm25"));
        List<Run> runs = new ArrayList<>();
        runs.add(TrainingSteps.search("RepLLaMA", dense, queries, DEPTH));
        runs.add(TrainingSteps.search("BM25", words, queries, DEPTH));
        runs.add(TrainingSteps.search("RRF", both, queries, DEPTH));
        var scorer = session.scorer(TinyModelRecipe.RERANKER);
        runs.add(TrainingSteps.rerank("RepLLaMA+RankLLaMA", dense, scorer, queries, DEPTH));
        runs.add(TrainingSteps.rerank("RRF+RankLLaMA", both, scorer, queries, DEPTH));
        var qrels = folder.qrels("test");
        Evaluator evaluator = Evaluator.of(METRICS, EvaluationOptions.defaults());
        List<Evaluation> evaluations =
            runs.stream().map(run -> evaluator.evaluate(qrels, run)).toList();
        EvaluationReport report =
            EvaluationReport.of("The small model", evaluations, ReportOptions.defaults());
        Files.writeString(dir.resolve("report.md"), report.toMarkdown());
        Files.writeString(dir.resolve("report.json"), report.toJson());
      }
    }
  }
}
