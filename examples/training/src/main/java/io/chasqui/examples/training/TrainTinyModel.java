package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.BeirFolder;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
  private static final int SMALLEST_POOL = 3_000;
  private static final int HELD_OUT_QUERIES = 300;
  private static final String MINED = "mined.jsonl";
  private static final int STRANGERS = 15;
  private static final String LIKE_POSITIVES = "negatives like positives";
  private static final String HELD_OUT_GROUPS = "held-out.jsonl";

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
      names = "--from",
      paramLabel = "DIR",
      description =
          "Model directory with its card, whose base and retriever stay as they are: a reranker"
              + " alone is trained, going on with the one that is there.")
  private Optional<Path> from = Optional.empty();

  @Option(
      names = "--effort",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Multiplies the updates of each training: 1 takes two hours on two cores, 0.05 shows that"
              + " it works. Default: ${DEFAULT-VALUE}")
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

  /**
   * A base with a retriever, on whose candidates a reranker is trained.
   *
   * @param model with the roles of both; the reranker's may have an adapter to go on with
   * @param searching what retrieves; it need not have a reranker
   * @param base its directory
   * @param retriever the retriever's adapter
   * @param key stands for all that it depends on
   */
  private record Retrieving(
      ModelBundle model, ModelBundle searching, Path base, Path retriever, String key) {}

  private void run(PrintWriter out) throws IOException {
    Stages stages = options.stages(out);
    TinyModelRecipe recipe = new TinyModelRecipe(options.threads(), options.seed());
    Stages.Done data =
        stages.run(
            "data",
            List.of(Stages.sha256(jars), "seed " + options.seed()),
            dir ->
                out.println(
                    "  "
                        + new JavadocTrainingSet(HELD_OUT, options.seed())
                            .write(jars, dir, w -> {})));
    long mined = updates(16_000);
    Stages.Done bm25 =
        stages.run("bm25", List.of(data.key(), "" + mined), dir -> mineWords(data, mined, dir));
    Retrieving start = from.isPresent() ? read(from.get()) : retriever(stages, data, bm25, recipe);
    Stages.Done candidates =
        stages.run(
            "candidates",
            List.of(data.key(), bm25.key(), start.key(), "" + mined),
            dir -> mineBoth(data, bm25, start.searching(), mined, dir));
    Stages.Done reranker =
        training(
            stages,
            TinyModelRecipe.RERANKER,
            new Stages.Done(candidates.directory(), candidates.key() + LIKE_POSITIVES + STRANGERS),
            600,
            (dir, updates) ->
                recipe.rerankerAdapter(
                    start.model(),
                    taught(data, candidates, MINED),
                    taught(data, candidates, HELD_OUT_GROUPS),
                    updates,
                    dir));
    Stages.Done model =
        stages.run(
            "model",
            List.of(start.key(), reranker.key()),
            dir ->
                TinyModelRecipe.assemble(
                    start.model(), start.base(), start.retriever(), reranker.file("adapter"), dir));
    out.println("  model              " + model.directory());
    if (questions.isPresent()) {
      Path folder = questions.get();
      Stages.Done report =
          stages.run(
              "evaluation",
              List.of(model.key(), Stages.sha256(folder)),
              dir ->
                  TinyModelReport.write(
                      BeirFolder.open(folder), model.directory(), options.threads(), dir));
      out.println();
      out.println(Files.readString(report.file("report.md")));
    }
  }

  /** A model whose base and retriever stay as they are. */
  private static Retrieving read(Path directory) throws IOException {
    ModelBundle model = ModelBundle.read(directory);
    return new Retrieving(
        model,
        model,
        directory,
        directory.resolve(TinyModelRecipe.RETRIEVER),
        Stages.sha256(directory));
  }

  /** Tokenizer, base and retriever from nothing but the texts. */
  private Retrieving retriever(
      Stages stages, Stages.Done data, Stages.Done bm25, TinyModelRecipe recipe)
      throws IOException {
    BaseRecipe baseRecipe = recipe.base();
    Path corpus = data.file(JavadocTrainingSet.CORPUS);
    TrainingData<TrainingExample> dev = TrainingFiles.tevatron(data.file(JavadocTrainingSet.DEV));
    Stages.Done tokenizer =
        stages.run(
            "tokenizer",
            List.of(data.key(), baseRecipe.version()),
            dir -> baseRecipe.tokenizer(corpus, dir));
    TrainingData<TrainingExample> train =
        TrainingFiles.tevatron(data.file(JavadocTrainingSet.TRAIN));
    Stages.Done start =
        stages.run(
            "start",
            List.of(tokenizer.key()),
            dir -> baseRecipe.structure(tokenizer.directory(), train, dir));
    Stages.Done contrastive =
        training(
            stages,
            "contrastive",
            start,
            1_500,
            (dir, updates) ->
                baseRecipe.contrastive(
                    start.directory(), TinyModelRecipe.brief(), train, dev, updates, dir));
    Path base = contrastive.file("model");

    Stages.Done retriever =
        training(
            stages,
            TinyModelRecipe.RETRIEVER,
            new Stages.Done(base, contrastive.key() + bm25.key() + LIKE_POSITIVES),
            500,
            (dir, updates) ->
                recipe.retrieverAdapter(
                    base,
                    likePositives(data, TrainingFiles.tevatron(bm25.file(MINED)), 0),
                    dev,
                    updates,
                    dir));
    ModelBundle searching =
        ModelBundle.read(base).withRole(TinyModelRecipe.retriever(), retriever.file("adapter"));
    ModelBundle model = searching.withRole(TinyModelRecipe.reranker());
    return new Retrieving(model, searching, base, retriever.file("adapter"), retriever.key());
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
    List<Passage> passages = TrainingSteps.passages(BeirFolder.open(data.directory()));
    try (LuceneRetriever words =
        TrainingSteps.words(dir.resolve("index"), passages.iterator(), passages.size())) {
      MiningOptions options = MiningOptions.defaults().withRanks(2, 60).withNegatives(8);
      List<TrainingQuery> queries = wanted(data.file(JavadocTrainingSet.TRAIN), count);
      TrainingSteps.mine(Map.of("bm25", words), queries, options, dir.resolve(MINED));
    }
  }

  /** Groups for a reranker: what BM25 and vectors find, with what a hybrid of both thinks of it. */
  private void mineBoth(
      Stages.Done data, Stages.Done bm25, ModelBundle bundle, long count, Path dir)
      throws IOException {
    List<Passage> pool = pool(TrainingSteps.passages(BeirFolder.open(data.directory())));
    Set<String> ids = pool.stream().map(Passage::id).collect(Collectors.toSet());
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(options.threads()))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      try (PassageIndex index =
              TrainingSteps.vectors(dir.resolve("index"), encoder, pool.iterator(), pool.size());
          LuceneRetriever words =
              TrainingSteps.words(bm25.file("index"), Collections.emptyIterator(), 0)) {
        Retriever dense = Retriever.of(encoder, index);
        Map<String, Retriever> sources = new LinkedHashMap<>();
        sources.put("bm25", words);
        sources.put("dense", dense);
        HybridTeacher teacher = new HybridTeacher(words, dense);
        for (String name : List.of(HELD_OUT_GROUPS, MINED)) {
          boolean training = name.equals(MINED);
          Path file = data.file(training ? JavadocTrainingSet.TRAIN : JavadocTrainingSet.DEV);
          List<TrainingQuery> queries =
              wanted(file, Long.MAX_VALUE).stream()
                  .filter(query -> ids.contains(query.positives().get(0).id()))
                  .limit(training ? count : HELD_OUT_QUERIES)
                  .toList();
          MiningOptions options = MiningOptions.defaults().withRanks(1, 100).withNegatives(15);
          TrainingSteps.mine(sources, queries, options, dir.resolve(name));
          teacher.write(TrainingFiles.tevatron(dir.resolve(name)), dir.resolve(name + ".trec"));
        }
      }
    }
  }

  private static TrainingData<TrainingExample> taught(
      Stages.Done data, Stages.Done candidates, String name) throws IOException {
    return likePositives(
        data,
        TrainingFiles.withTeacher(
            TrainingFiles.tevatron(candidates.file(name)), candidates.file(name + ".trec")),
        STRANGERS);
  }

  private static TrainingData<TrainingExample> likePositives(
      Stages.Done data, TrainingData<TrainingExample> mined, int strangers) throws IOException {
    return LikePositives.of(
        mined, TrainingFiles.tevatron(data.file(JavadocTrainingSet.TRAIN)), strangers);
  }

  /** All passages of a full run; fewer of a shorter one, whose time encoding would eat up. */
  private List<Passage> pool(List<Passage> passages) {
    List<Passage> shuffled = new ArrayList<>(passages);
    Collections.shuffle(shuffled, new Random(options.seed()));
    long size = Math.max(SMALLEST_POOL, updates(passages.size()));
    return shuffled.subList(0, (int) Math.min(size, shuffled.size()));
  }

  private List<TrainingQuery> wanted(Path file, long count) throws IOException {
    return TrainingSteps.queries(TrainingFiles.tevatron(file), options.seed(), count);
  }
}
