package io.chasqui.examples.training;

import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.djl.Objective;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
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

  private static final BaseShape SHAPE = new BaseShape(4, 256, 8_000);
  private static final int HARD_QUERIES = 32;
  private static final int QUERY_TOKENS = 30;
  private static final int PASSAGE_TOKENS = 80;

  /** How the base is made. */
  BaseRecipe base() {
    return new BaseRecipe(SHAPE, threads, seed);
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
            ModelBundle.read(base).withRole(retriever()),
            RETRIEVER,
            BaseRecipe.retrieval(),
            lora(16));
    return base()
        .trainer(task, base().options(1e-3, updates, HARD_QUERIES, 2))
        .train(mined, heldOut, run);
  }

  /** A reranker on its retriever's candidates; goes on with the adapter that its role has. */
  TrainingReport rerankerAdapter(
      ModelBundle model,
      TrainingData<TrainingExample> mined,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    Tuning.Lora lora = AdapterShape.of(model, RERANKER, lora(64));
    Objective objective = Objective.Distillation.defaults().withLabelWeight(0.5);
    TrainingTask task = new TrainingTask(model, RERANKER, objective, lora);
    return base().trainer(task, base().options(1e-3, updates, 12, 8)).train(mined, heldOut, run);
  }

  /** The base with both adapters and their card. */
  static void assemble(ModelBundle model, Path base, Path retriever, Path reranker, Path target)
      throws IOException {
    copy(base, target);
    copy(retriever, target.resolve(RETRIEVER));
    copy(reranker, target.resolve(RERANKER));
    RetrievalCard.of(
            model.role(RETRIEVER).withAdapter(RETRIEVER),
            model.role(RERANKER).withAdapter(RERANKER))
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

  /**
   * As {@link #retriever}, with texts cut shorter, as most are short and the base learns faster.
   */
  static Role brief() {
    return retriever().withTruncation(new Role.Truncation(24, 64));
  }

  static Role reranker() {
    return Presets.named("rankllama-v1")
        .withName(RERANKER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  private static Tuning.Lora lora(int rank) {
    return Tuning.Lora.defaults().withRank(rank).withAlpha(2.0 * rank).withDropout(0);
  }
}
