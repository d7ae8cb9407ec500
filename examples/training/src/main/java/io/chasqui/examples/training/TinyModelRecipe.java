package io.chasqui.examples.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Device;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.RetrievalCard;
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
import java.util.stream.Stream;

/**
 * How the small model is made, stage by stage: sizes, rates and lengths in one place. A Llama of
 * four layers and 256 dimensions, vocabulary 8,000, tied embeddings: 5.2 million parameters.
 *
 * @param threads of the processor
 * @param seed of everything
 */
record TinyModelRecipe(int threads, long seed) {
  static final String RETRIEVER = "repllama";
  static final String RERANKER = "rankllama";

  private static final JsonMapper JSON = new JsonMapper();
  private static final BpeOptions TOKENIZER = BpeOptions.defaults().withVocabularySize(8_000);
  private static final int EOS = 2;
  private static final int LANGUAGE_TOKENS = 128;
  private static final int LANGUAGE_BATCH = 16;
  private static final int PAIRS = 64;
  private static final int HARD_QUERIES = 32;
  private static final double TEMPERATURE = 0.05;
  private static final int QUERY_TOKENS = 30;
  private static final int PASSAGE_TOKENS = 80;

  /** What keeps a stage's result apart from that of other recipes. */
  static String version() {
    return "recipe 1, " + TOKENIZER;
  }

  void tokenizer(Path corpus, Path target) throws IOException {
    try (Stream<String> texts = TrainingFiles.texts(corpus).epoch(seed, 0)) {
      BpeTrainer.train(texts, TOKENIZER).write(target);
    }
  }

  /** Random weights for a tokenizer. */
  void initialise(Path tokenizer, Path target) throws IOException {
    int vocabulary;
    try (JsonTokenizer opened = JsonTokenizer.open(tokenizer)) {
      vocabulary = opened.vocabularySize();
    }
    ObjectNode config = JSON.createObjectNode();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama").put("vocab_size", vocabulary);
    config.put("hidden_size", 256).put("intermediate_size", 688).put("num_hidden_layers", 4);
    config.put("num_attention_heads", 4).put("num_key_value_heads", 2).put("head_dim", 64);
    config.put("hidden_act", "silu").put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0);
    config.put("max_position_embeddings", 512).put("tie_word_embeddings", true);
    config.put("bos_token_id", 1).put("eos_token_id", EOS).put("initializer_range", 0.02);
    config.put("attention_bias", false).put("mlp_bias", false).put("torch_dtype", "float32");
    Files.writeString(target.resolve("config.json"), config.toPrettyString());
    try (Stream<Path> files = Files.list(tokenizer)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    // A run that was killed while it wrote the weights writes them anew.
    Files.deleteIfExists(target.resolve("model.safetensors"));
    BaseModels.initialise(target, seed);
  }

  TrainingReport languageModel(Path start, TrainingData<String> texts, long updates, Path run)
      throws IOException {
    TrainingTask task =
        TrainingTask.languageModel(
            ModelBundle.read(start),
            new Objective.LanguageModel(LANGUAGE_TOKENS, EOS),
            new Tuning.Full());
    return trainer(task, options(2e-3, updates, LANGUAGE_BATCH, 1)).trainLanguageModel(texts, run);
  }

  /** The whole base on pairs, in-batch negatives alone. */
  TrainingReport contrastive(
      Path start,
      TrainingData<TrainingExample> pairs,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(start).withRole(retriever()),
            RETRIEVER,
            retrieval(),
            new Tuning.Full());
    TrainerOptions options = options(1e-3, updates, PAIRS, 1).withWeightType(DType.F16);
    return trainer(task, options).train(pairs, heldOut, run);
  }

  TrainingReport retrieverAdapter(
      Path base,
      TrainingData<TrainingExample> mined,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(base).withRole(retriever()), RETRIEVER, retrieval(), lora(16));
    return trainer(task, options(1e-3, updates, HARD_QUERIES, 2)).train(mined, heldOut, run);
  }

  TrainingReport rerankerAdapter(
      Path base, TrainingData<TrainingExample> mined, long updates, Path run) throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(base).withRole(reranker()),
            RERANKER,
            new Objective.Reranking(),
            lora(64));
    return trainer(task, options(1e-3, updates, 12, 6)).train(mined, run);
  }

  /** The base with both adapters and their card. */
  static void assemble(Path base, Path retriever, Path reranker, Path target) throws IOException {
    copy(base, target);
    copy(retriever, target.resolve(RETRIEVER));
    copy(reranker, target.resolve(RERANKER));
    RetrievalCard.of(
            retriever().withAdapter(RETRIEVER), TinyModelRecipe.reranker().withAdapter(RERANKER))
        .write(target.resolve(RetrievalCard.FILE));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  static Role retriever() {
    return Presets.named("repllama-v1-code")
        .withName(RETRIEVER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  static Role reranker() {
    return Presets.named("rankllama-v1")
        .withName(RERANKER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  private static Objective.Retrieval retrieval() {
    return Objective.Retrieval.defaults().withTemperature(TEMPERATURE);
  }

  private static Tuning.Lora lora(int rank) {
    return Tuning.Lora.defaults().withRank(rank).withAlpha(2.0 * rank).withDropout(0);
  }

  private Trainer trainer(TrainingTask task, TrainerOptions options) {
    return Trainer.of(task, options).on(Device.cpu(threads));
  }

  private TrainerOptions options(double rate, long updates, int batch, int passages) {
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
