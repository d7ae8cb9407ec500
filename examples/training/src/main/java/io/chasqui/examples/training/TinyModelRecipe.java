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
import java.util.List;
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

  /** Keeps adapters apart from those of other recipes: changes with any number of theirs here. */
  static final String ADAPTERS = "adapters 2";

  static final int RETRIEVER_STRANGERS = 4;
  static final int RERANKER_STRANGERS = 30;

  private static final BaseShape SHAPE = new BaseShape(4, 256, 8_000);
  private static final Role.Truncation BRIEF = new Role.Truncation(24, 64);
  private static final int RETRIEVER_GROUPS = 24;
  private static final int RERANKER_GROUPS = 8;
  private static final int GROUP = 8;

  /** What both adapters learn: a hybrid's order, which labels know less of. */
  private static final Objective TEACHER = Objective.Distillation.defaults();

  private static final int QUERY_TOKENS = 30;
  private static final int PASSAGE_TOKENS = 80;

  /** How the base is made. */
  BaseRecipe base() {
    return new BaseRecipe(SHAPE, threads, seed);
  }

  /**
   * A retriever that learns to order passages as a teacher does who knows words as well.
   *
   * @param base its directory
   */
  TrainingReport retrieverAdapter(
      Path base,
      TrainingData<TrainingExample> groups,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(base).withRole(retriever()), RETRIEVER, TEACHER, lora(32));
    return base()
        .trainer(task, base().options(5e-4, updates, RETRIEVER_GROUPS, GROUP))
        .train(groups, heldOut, run);
  }

  /** A reranker that learns the same; goes on with the adapter that its role has. */
  TrainingReport rerankerAdapter(
      ModelBundle model,
      TrainingData<TrainingExample> groups,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    Tuning.Lora lora = AdapterShape.of(model, RERANKER, lora(64));
    // Most of what a text is about stands at its beginning, and short texts are learnt faster.
    Role role = model.role(RERANKER).withTruncation(BRIEF);
    ModelBundle brief =
        model
            .adapterDirectory(RERANKER)
            .map(adapter -> model.withRole(role, adapter))
            .orElseGet(() -> model.withRole(role));
    TrainingTask task = new TrainingTask(brief, RERANKER, TEACHER, lora);
    return base()
        .trainer(task, base().options(1e-3, updates, RERANKER_GROUPS, GROUP))
        .train(groups, heldOut, run);
  }

  /** The base with both adapters and their card. */
  static void assemble(
      Path base, Role retrieving, Path retriever, Role reranking, Path reranker, Path target)
      throws IOException {
    copy(base, target);
    copy(retriever, target.resolve(RETRIEVER));
    copy(reranker, target.resolve(RERANKER));
    RetrievalCard.of(retrieving.withAdapter(RETRIEVER), reranking.withAdapter(RERANKER))
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
    return retriever().withTruncation(BRIEF);
  }

  /**
   * As the model card has it, and closed by an EOS as in the paper: where all texts end alike, a
   * small model has one place to gather what it found.
   */
  static Role reranker() {
    Role card = Presets.named("rankllama-v1");
    Role.Tokens tokens = card.tokens();
    return card.withName(RERANKER)
        .withTokens(
            new Role.Tokens(tokens.bos(), List.of(BaseShape.EOS), tokens.pad(), tokens.padSide()))
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  private static Tuning.Lora lora(int rank) {
    return Tuning.Lora.defaults().withRank(rank).withAlpha(2.0 * rank).withDropout(0);
  }
}
