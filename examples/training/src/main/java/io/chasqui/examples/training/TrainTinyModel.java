package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.BeirFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
      names = "--validate",
      description =
          "Also measure on questions about libraries that are trained on: what changes of the recipe"
              + " are judged by.")
  private boolean validate;

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
          "Multiplies the updates of each training: 1 takes about two hours on two cores, 0.05 shows that"
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
   * A base that can search, with what its adapters go on from.
   *
   * @param base its directory
   * @param searching the base with the role that mines
   * @param scoring the base with the reranker's role, which may have an adapter to go on with
   * @param retriever the retriever's adapter, if it is to stay as it is
   * @param key stands for all that it depends on
   */
  private record Retrieving(
      Path base,
      ModelBundle searching,
      ModelBundle scoring,
      Optional<Path> retriever,
      String key) {}

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
    Retrieving start = from.isPresent() ? read(from.get()) : base(stages, data, recipe);
    long queries = updates(16_000);
    // Encoding all of it would take longer than a short run's training.
    long pool = Math.max(SMALLEST_POOL, updates(40_000));
    Stages.Done mined =
        stages.run(
            "candidates",
            List.of(data.key(), start.key(), queries + " of " + pool, "code words"),
            dir ->
                candidates(data, dir).write(start.searching(), options.threads(), pool, queries));
    HybridCandidates candidates = candidates(data, mined.directory());
    Stages.Done groups =
        new Stages.Done(mined.directory(), mined.key() + ", " + TinyModelRecipe.ADAPTERS);
    Path retriever =
        start.retriever().isPresent()
            ? start.retriever().get()
            : training(
                    stages,
                    TinyModelRecipe.RETRIEVER,
                    groups,
                    200,
                    (dir, updates) ->
                        recipe.retrieverAdapter(
                            start.base(),
                            BehindPassages.of(
                                candidates.training(TinyModelRecipe.RETRIEVER_STRANGERS),
                                TinyModelRecipe.retriever()),
                            BehindPassages.of(
                                candidates.heldOut(TinyModelRecipe.RETRIEVER_STRANGERS),
                                TinyModelRecipe.retriever()),
                            updates,
                            dir))
                .file("adapter");
    Scoring scoring = scoring(stages, data, start, retriever, recipe);
    Stages.Done reranker =
        training(
            stages,
            TinyModelRecipe.RERANKER,
            new Stages.Done(groups.directory(), groups.key() + ", " + scoring.key()),
            300,
            (dir, updates) ->
                recipe.rerankerAdapter(
                    scoring.model(),
                    candidates.training(TinyModelRecipe.RERANKER_STRANGERS),
                    candidates.heldOut(TinyModelRecipe.RERANKER_STRANGERS),
                    updates,
                    dir));
    Stages.Done model =
        stages.run(
            "model",
            List.of(Stages.sha256(retriever), reranker.key(), "half precision"),
            dir ->
                TinyModelRecipe.assemble(
                    start.base(),
                    start.searching().role(TinyModelRecipe.RETRIEVER),
                    retriever,
                    start.scoring().role(TinyModelRecipe.RERANKER),
                    reranker.file("adapter"),
                    dir));
    out.println("  model              " + model.directory());
    if (validate) {
      Stages.Done validation =
          stages.run(
              "questions",
              List.of(data.key()),
              dir -> CommonsQuestions.write(BeirFolder.open(data.directory()), dir));
      measure(stages, "validation", model, validation.directory(), out);
    }
    if (questions.isPresent()) {
      measure(stages, "evaluation", model, questions.get(), out);
    }
  }

  /**
   * What a reranker starts from.
   *
   * @param model with the reranker's role
   * @param key stands for all that it depends on
   */
  private record Scoring(ModelBundle model, String key) {}

  private Scoring scoring(
      Stages stages, Stages.Done data, Retrieving start, Path retriever, TinyModelRecipe recipe)
      throws IOException {
    if (start.retriever().isPresent()) {
      return new Scoring(start.scoring(), start.key());
    }
    Stages.Done comparing =
        stages.run(
            "rankllama-start",
            List.of(start.key(), Stages.sha256(retriever), TinyModelRecipe.ADAPTERS),
            dir ->
                recipe.rerankerStart(
                    start.base(),
                    retriever,
                    BareTitles.of(TrainingFiles.tevatron(data.file(JavadocTrainingSet.TRAIN))),
                    dir));
    return new Scoring(
        start.scoring().withRole(TinyModelRecipe.reranker(), comparing.file("adapter")),
        comparing.key());
  }

  private void measure(Stages stages, String name, Stages.Done model, Path folder, PrintWriter out)
      throws IOException {
    Stages.Done report =
        stages.run(
            name,
            List.of(model.key(), Stages.sha256(folder)),
            dir ->
                TinyModelReport.write(
                    BeirFolder.open(folder), model.directory(), options.threads(), dir));
    out.println();
    out.println(Files.readString(report.file("report.md")));
  }

  /** A model whose base and retriever stay as they are. */
  private static Retrieving read(Path directory) throws IOException {
    ModelBundle model = ModelBundle.read(directory);
    return new Retrieving(
        directory,
        model,
        model,
        Optional.of(directory.resolve(TinyModelRecipe.RETRIEVER)),
        Stages.sha256(directory));
  }

  private HybridCandidates candidates(Stages.Done data, Path directory) {
    return new HybridCandidates(data.directory(), directory, options.seed());
  }

  /** Tokenizer and base from nothing but the texts. */
  private Retrieving base(Stages stages, Stages.Done data, TinyModelRecipe recipe)
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
            1_200,
            (dir, updates) ->
                baseRecipe.contrastive(
                    start.directory(),
                    BehindPassages.role(TinyModelRecipe.brief()),
                    BehindPassages.of(train, TinyModelRecipe.brief()),
                    BehindPassages.of(dev, TinyModelRecipe.brief()),
                    1e-3,
                    updates,
                    dir));
    Stages.Done libraries =
        training(
            stages,
            "libraries",
            contrastive,
            700,
            (dir, updates) ->
                baseRecipe.contrastive(
                    contrastive.file("model"),
                    BehindPassages.role(TinyModelRecipe.retriever()),
                    BehindPassages.of(
                        LibraryBatches.of(BareTitles.of(train), BaseRecipe.PAIRS),
                        TinyModelRecipe.retriever()),
                    BehindPassages.of(BareTitles.of(dev), TinyModelRecipe.retriever()),
                    6e-4,
                    updates,
                    dir));
    Path base = libraries.file("model");
    ModelBundle bundle = ModelBundle.read(base);
    return new Retrieving(
        base,
        bundle.withRole(TinyModelRecipe.retriever()),
        bundle.withRole(TinyModelRecipe.reranker()),
        Optional.empty(),
        libraries.key());
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
}
