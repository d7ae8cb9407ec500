package io.chasqui.examples.training;

import io.chasqui.Device;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.djl.Batching;
import io.chasqui.djl.Length;
import io.chasqui.djl.Objective;
import io.chasqui.djl.Optimisation;
import io.chasqui.djl.Schedule;
import io.chasqui.djl.Trainer;
import io.chasqui.djl.TrainerOptions;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.djl.TrainingTask;
import io.chasqui.djl.Tuning;
import java.io.IOException;
import java.nio.file.Path;

/** The paper's models at a size for one processor: roles, objectives and rates in one place. */
final class PaperModels {
  static final String RETRIEVER = "repllama";
  static final String RERANKER = "rankllama";

  private static final int QUERY_TOKENS = 32;
  private static final int RETRIEVER_BATCH = 16;
  private static final int RERANKER_BATCH = 8;
  private static final int GROUP = 4;
  private static final double LORA_RATE = 1e-3;
  private static final double FULL_RATE = 2e-4;

  private final PaperPlan plan;

  PaperModels(PaperPlan plan) {
    this.plan = plan;
  }

  Role retriever(int length) {
    return Presets.named("repllama-v1")
        .withName(RETRIEVER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, length));
  }

  Role reranker() {
    return Presets.named("rankllama-v1")
        .withName(RERANKER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, plan.length()));
  }

  /** Trains a retriever; {@code adapter} below the run, or {@code model} after full fine-tuning. */
  void trainRetriever(Path mined, boolean full, int passages, Path run) throws IOException {
    train(
        retriever(plan.length()),
        Objective.Retrieval.defaults().withTemperature(0.05),
        full ? new Tuning.Full() : lora(),
        Batching.defaults().withSize(RETRIEVER_BATCH).withPassages(passages),
        full ? FULL_RATE : LORA_RATE,
        mined,
        run);
  }

  void trainReranker(Path mined, Path run) throws IOException {
    train(
        reranker(),
        new Objective.Reranking(),
        lora(),
        Batching.defaults().withSize(RERANKER_BATCH).withPassages(GROUP),
        LORA_RATE,
        mined,
        run);
  }

  private void train(
      Role role,
      Objective objective,
      Tuning tuning,
      Batching batching,
      double rate,
      Path mined,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(plan.model()).withRole(role), role.name(), objective, tuning);
    TrainerOptions options =
        TrainerOptions.defaults()
            .withOptimisation(
                Optimisation.defaults()
                    .withLearningRate(rate)
                    .withSchedule(new Schedule.Linear(Math.max(1, plan.updates() / 10))))
            .withBatching(batching)
            .withLength(new Length.Updates(plan.updates()))
            .withCheckpointEvery(Math.max(10, plan.updates() / 10))
            .withSeed(plan.seed());
    Trainer.of(task, options)
        .on(Device.cpu(plan.threads()))
        .train(TrainingFiles.tevatron(mined), run);
  }

  private static Tuning.Lora lora() {
    return Tuning.Lora.defaults().withRank(32).withAlpha(64);
  }

  /** A trained retriever, ready to run. */
  ModelBundle retriever(Stages.Done trained, boolean full, int length) throws IOException {
    return full
        ? ModelBundle.read(trained.file("model")).withRole(retriever(length))
        : ModelBundle.read(plan.model()).withRole(retriever(length), trained.file("adapter"));
  }

  /** Retriever and reranker over one base, ready to run. */
  ModelBundle both(Stages.Done retriever, Stages.Done reranker) throws IOException {
    return retriever(retriever, false, plan.length())
        .withRole(reranker(), reranker.file("adapter"));
  }
}
