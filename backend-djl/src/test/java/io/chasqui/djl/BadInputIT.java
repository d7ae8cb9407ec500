package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.NoBackendException;
import io.chasqui.Passage;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is said before the first update. */
final class BadInputIT {
  @TempDir Path scratch;
  private ModelBundle base;
  private Path run;

  @BeforeEach
  void writeBase() throws IOException {
    base = Toys.base(scratch.resolve("base"));
    run = scratch.resolve("run");
  }

  private static void assertSaid(
      Class<? extends RuntimeException> type, String part, Executable call) {
    RuntimeException e = assertThrows(type, call);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  private TrainingTask retrieval() {
    return new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), Toys.lora());
  }

  private static TrainingData<TrainingExample> examples() {
    return TrainingData.of(Toys.examples(16, 1));
  }

  @Test
  void dataWithoutExamples() {
    Trainer trainer = Trainer.of(retrieval(), Toys.options().withLength(new Length.Epochs(1)));
    assertSaid(
        TrainingException.class,
        "the training data is empty",
        () -> trainer.train(TrainingData.of(List.of()), run));
    Trainer counted = Trainer.of(retrieval(), Toys.options());
    assertSaid(
        TrainingException.class,
        "the training data is empty",
        () -> counted.train(TrainingData.of(List.of()), scratch.resolve("other")));
    assertSaid(
        TrainingException.class,
        "the held-out set is empty",
        () -> counted.train(examples(), TrainingData.of(List.of()), run));
  }

  @Test
  void examplesWithoutPositivesOrTeacher() {
    assertSaid(
        IllegalArgumentException.class,
        "query q7 has no positive",
        () -> TrainingExample.of("q7", "a", List.of(), List.of(Passage.of("p", "b"))));
    TrainingTask task =
        new TrainingTask(base, "repllama", Objective.Distillation.defaults(), Toys.lora());
    TrainingExample plain = TrainingExample.of("q8", "a", List.of(Passage.of("p", "b")), List.of());
    assertSaid(
        TrainingException.class,
        "query q8 has no teacher scores",
        () -> Trainer.of(task, Toys.options()).train(TrainingData.of(List.of(plain)), run));
  }

  @Test
  void settingsOutOfRange() {
    assertSaid(
        IllegalArgumentException.class,
        "rank must be positive: 0",
        () -> Tuning.Lora.defaults().withRank(0));
    assertSaid(
        IllegalArgumentException.class,
        "c_proj",
        () -> Tuning.Lora.defaults().withTargets(List.of("c_proj")));
    assertSaid(
        IllegalArgumentException.class,
        "temperature must be positive: 0.0",
        () -> Objective.Retrieval.defaults().withTemperature(0));
    assertSaid(
        IllegalArgumentException.class,
        "size must be positive: 0",
        () -> Batching.defaults().withSize(0));
  }

  @Test
  void objectivesThatDoNotFitTheRole() {
    assertSaid(
        IllegalArgumentException.class,
        "role rankllama scores pairs",
        () -> new TrainingTask(base, "rankllama", Objective.Retrieval.defaults(), Toys.lora()));
    assertSaid(
        IllegalArgumentException.class,
        "role repllama encodes",
        () -> new TrainingTask(base, "repllama", new Objective.Reranking(), Toys.lora()));
  }

  @Test
  void lengthsBeyondTheModel() {
    int positions = base.config().maxPositions();
    assertSaid(
        IllegalArgumentException.class,
        "max_position_embeddings",
        () ->
            base.withRole(Toys.retriever().withTruncation(new Role.Truncation(32, positions + 1))));
    TrainingTask task =
        TrainingTask.languageModel(
            base, new Objective.LanguageModel(positions + 1, 2), new Tuning.Full());
    assertSaid(
        TrainingException.class,
        "max_position_embeddings",
        () ->
            Trainer.of(task, Toys.options())
                .trainLanguageModel(TrainingData.of(Toys.texts(4, 1)), run));
  }

  @Test
  void memoryThatIsNotThere() {
    Trainer trainer = Trainer.of(retrieval(), Toys.options().withMemoryBudget(100_000));
    assertSaid(
        TrainingException.class, "training would take about", () -> trainer.train(examples(), run));
    assertFalse(Files.exists(run));
  }

  @Test
  void cudaThatIsNotThere() {
    Trainer trainer = Trainer.of(retrieval(), Toys.options()).on(Device.cuda(63));
    assertSaid(
        NoBackendException.class,
        "CUDA device 63 was asked for",
        () -> trainer.train(examples(), run));
  }

  @Test
  void directoryOfAnotherTraining() throws IOException {
    Trainer.of(retrieval(), Toys.options()).on(Device.cpu(1)).train(examples(), run);
    assertSaid(
        TrainingException.class,
        "seed was 42, is 43",
        () -> Trainer.of(retrieval(), Toys.options().withSeed(43)).train(examples(), run));
    assertSaid(
        TrainingException.class,
        "data was",
        () ->
            Trainer.of(retrieval(), Toys.options())
                .train(TrainingData.of(Toys.examples(16, 2)), run));
  }

  @Test
  void numbersThatAreNoLongerFinite() {
    TrainerOptions wild =
        Toys.options()
            .withOptimisation(
                Optimisation.defaults()
                    .withLearningRate(1e30)
                    .withSchedule(new Schedule.Constant(0)));
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> Trainer.of(retrieval(), wild).on(Device.cpu(1)).train(examples(), run));
    assertTrue(e.getMessage().contains("gradient norm"), e.getMessage());
    assertEquals(OptionalLong.of(1), e.step());
  }
}
