package io.chasqui.examples.training;

import io.chasqui.ChasquiException;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * A small base model from nothing but texts, for experiments such as {@link PaperInMiniature}: a
 * tokenizer, a language model, then pairs of a sentence and its passage.
 */
@Command(
    name = "pretrain-base",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a tokenizer and a small Llama from texts, first as a language model, then on pairs of"
          + " a sentence and the rest of its passage."
    })
public final class PretrainBase implements Callable<Integer> {
  private static final int QUERY_TOKENS = 32;
  private static final int PASSAGE_TOKENS = 96;

  @Parameters(
      paramLabel = "TEXTS",
      arity = "1..*",
      description =
          "Files of one text per line, or of JSON objects with title and text; plain or gzip.")
  private List<Path> texts = new ArrayList<>();

  @Mixin private RunOptions options = new RunOptions();

  /** What weights are before anything is trained. */
  private enum Start {
    STRUCTURED,
    RANDOM
  }

  @Option(
      names = "--start",
      paramLabel = "KIND",
      defaultValue = "STRUCTURED",
      description =
          "STRUCTURED: a bag of words whose vectors were counted, good at pairs from the first"
              + " update; RANDOM. Default: ${DEFAULT-VALUE}")
  private Start kind = Start.STRUCTURED;

  @Option(names = "--layers", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}")
  private int layers;

  @Option(
      names = "--hidden",
      defaultValue = "256",
      description = "Size of the states. Default: ${DEFAULT-VALUE}")
  private int hidden;

  @Option(names = "--vocabulary", defaultValue = "8000", description = "Default: ${DEFAULT-VALUE}")
  private int vocabulary;

  @Option(
      names = "--language-updates",
      defaultValue = "0",
      description =
          "Of 16 sequences of 128 tokens, before the pairs; what a random start needs and a"
              + " structured one forgets by. Default: ${DEFAULT-VALUE}")
  private int languageUpdates;

  @Option(
      names = "--pair-updates",
      defaultValue = "1000",
      description = "Of 96 pairs; 0 leaves the language model as it is. Default: ${DEFAULT-VALUE}")
  private int pairUpdates;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new PretrainBase()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try {
      run(spec.commandLine().getOut());
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException | IllegalArgumentException e) {
      spec.commandLine().getErr().println("pretrain-base: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private void run(PrintWriter out) throws IOException {
    BaseShape shape = new BaseShape(layers, hidden, vocabulary);
    BaseRecipe recipe = new BaseRecipe(shape, options.threads(), options.seed());
    Stages stages = options.stages(out);
    List<String> inputs = new ArrayList<>(List.of("seed " + options.seed()));
    for (Path file : texts) {
      inputs.add(Stages.sha256(file));
    }
    TextTrainingSet set = new TextTrainingSet(options.seed());
    Stages.Done data = stages.run("data", inputs, dir -> out.println("  " + set.write(texts, dir)));
    Path corpus = data.file(TextTrainingSet.CORPUS);
    TrainingData<TrainingExample> train = TrainingFiles.tevatron(data.file(TextTrainingSet.TRAIN));
    Stages.Done tokenizer =
        stages.run(
            "tokenizer",
            List.of(data.key(), recipe.version()),
            dir -> recipe.tokenizer(corpus, dir));
    Stages.Done start =
        stages.run(
            "start",
            List.of(tokenizer.key(), kind.name()),
            dir -> {
              if (kind == Start.STRUCTURED) {
                recipe.structure(tokenizer.directory(), train, dir);
              } else {
                recipe.initialise(tokenizer.directory(), dir);
              }
            });
    Path base = start.directory();
    String key = start.key();
    if (languageUpdates > 0) {
      Stages.Done language =
          stages.run(
              "language",
              List.of(key, languageUpdates + " updates"),
              dir ->
                  recipe.languageModel(
                      start.directory(), TrainingFiles.texts(corpus), languageUpdates, dir));
      base = language.file("model");
      key = language.key();
    }
    if (pairUpdates > 0) {
      Path before = base;
      Stages.Done pairs =
          stages.run(
              "pairs",
              List.of(key, pairUpdates + " updates"),
              dir ->
                  recipe.contrastive(
                      before,
                      role(),
                      train,
                      TrainingFiles.tevatron(data.file(TextTrainingSet.DEV)),
                      1e-3,
                      pairUpdates,
                      dir));
      base = pairs.file("model");
    }
    out.println("  base               " + base);
    out.flush();
  }

  private static Role role() {
    return Presets.named("repllama-v1")
        .withName("repllama")
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }
}
