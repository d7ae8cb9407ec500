package io.chasqui.examples.training;

import io.chasqui.Device;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.djl.BaseModels;
import io.chasqui.djl.Batching;
import io.chasqui.djl.BpeOptions;
import io.chasqui.djl.BpeTrainer;
import io.chasqui.djl.Evaluation;
import io.chasqui.djl.Length;
import io.chasqui.djl.Objective;
import io.chasqui.djl.Optimisation;
import io.chasqui.djl.Schedule;
import io.chasqui.djl.Trainer;
import io.chasqui.djl.TrainerOptions;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.djl.TrainingReport;
import io.chasqui.djl.TrainingTask;
import io.chasqui.djl.Tuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a small base is made of texts: tokenizer, random weights, language model, then the whole base
 * as a retriever on pairs, against the other pairs of the batch.
 *
 * @param shape of the base
 * @param threads of the processor
 * @param seed of everything
 */
record BaseRecipe(BaseShape shape, int threads, long seed) {
  private static final int LANGUAGE_TOKENS = 128;
  private static final int LANGUAGE_BATCH = 16;

  /** Pairs of a contrastive batch. */
  static final int PAIRS = 96;

  /** What the conventions put before texts. */
  private static final String QUERY_PROMPT = "query: ";

  private static final String PASSAGE_PROMPT = "passage: ";

  private static final String WORD = "a";

  /** Cosines of a small model are divided by this. */
  static final double TEMPERATURE = 0.05;

  private BpeOptions vocabulary() {
    return BpeOptions.defaults().withVocabularySize(shape.vocabulary());
  }

  /** What keeps a stage's result apart from that of other recipes. */
  String version() {
    return "recipe 6, " + shape + ", " + vocabulary() + ", seed " + seed;
  }

  /** Learnt from texts behind both prompts, so that what these begin with are tokens. */
  void tokenizer(Path corpus, Path target) throws IOException {
    try (Stream<String> texts = TrainingFiles.texts(corpus).epoch(seed, 0)) {
      BpeTrainer.train(texts.map(text -> QUERY_PROMPT + PASSAGE_PROMPT + text), vocabulary())
          .write(target);
    }
  }

  /** Random weights for a tokenizer. */
  void initialise(Path tokenizer, Path target) throws IOException {
    try (JsonTokenizer opened = JsonTokenizer.open(tokenizer)) {
      configure(opened, tokenizer, target);
    }
    BaseModels.initialise(target, seed);
  }

  /** Weights with which it is a bag of words before it is trained. */
  void structure(Path tokenizer, TrainingData<TrainingExample> pairs, Path target)
      throws IOException {
    try (JsonTokenizer opened = JsonTokenizer.open(tokenizer)) {
      configure(opened, tokenizer, target);
      TokenVectors vectors =
          TokenVectors.of(opened, pairs, shape.hidden() - StructuredStart.RESERVED, seed);
      int[] query = opened.tokenize(QUERY_PROMPT + WORD).ids();
      int[] passage = opened.tokenize(PASSAGE_PROMPT + WORD).ids();
      int[] said = IntStream.concat(Arrays.stream(query), Arrays.stream(passage)).toArray();
      int first =
          Arrays.stream(query)
              .filter(token -> Arrays.stream(passage).noneMatch(other -> other == token))
              .findFirst()
              .orElseThrow();
      StructuredStart.write(target, vectors, said, first, shape, seed);
    }
  }

  private void configure(JsonTokenizer opened, Path tokenizer, Path target) throws IOException {
    shape.writeConfig(target, opened.vocabularySize());
    try (Stream<Path> files = Files.list(tokenizer)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    // A run that was killed while it wrote the weights writes them anew.
    Files.deleteIfExists(target.resolve("model.safetensors"));
  }

  TrainingReport languageModel(Path start, TrainingData<String> texts, long updates, Path run)
      throws IOException {
    TrainingTask task =
        TrainingTask.languageModel(
            ModelBundle.read(start),
            new Objective.LanguageModel(LANGUAGE_TOKENS, BaseShape.EOS),
            new Tuning.Full());
    return trainer(task, options(2e-3, updates, LANGUAGE_BATCH, 1)).trainLanguageModel(texts, run);
  }

  /**
   * The whole base on pairs, {@link #PAIRS} at a time, in-batch negatives alone; written in half
   * precision.
   */
  TrainingReport contrastive(
      Path start,
      Role role,
      TrainingData<TrainingExample> pairs,
      TrainingData<TrainingExample> heldOut,
      double rate,
      long updates,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(start).withRole(role), role.name(), retrieval(), new Tuning.Full());
    TrainerOptions options = options(rate, updates, PAIRS, 1).withWeightType(DType.F16);
    return trainer(task, options).train(pairs, heldOut, run);
  }

  static Objective.Retrieval retrieval() {
    return Objective.Retrieval.defaults().withTemperature(TEMPERATURE);
  }

  Trainer trainer(TrainingTask task, TrainerOptions options) {
    return Trainer.of(task, options).on(Device.cpu(threads));
  }

  TrainerOptions options(double rate, long updates, int batch, int passages) {
    int warmup = (int) Math.max(1, Math.min(100, updates / 10));
    return TrainerOptions.defaults()
        .withOptimisation(
            Optimisation.defaults()
                .withLearningRate(rate)
                .withBetas(0.9, 0.98)
                .withSchedule(new Schedule.Linear(warmup)))
        .withBatching(Batching.defaults().withSize(batch).withPassages(passages))
        .withLength(new Length.Updates(updates))
        .withEvaluation(
            Evaluation.defaults()
                .withEvery((int) Math.max(10, updates / 10))
                .withItems(384)
                .withCriterion(Evaluation.Criterion.MRR))
        .withCheckpointEvery((int) Math.max(10, updates / 20))
        .withSeed(seed);
  }
}
