package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PromptEncoder;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole trainings of tiny models, and what ONNX Runtime makes of their results. */
final class TrainerIT {
  private static final float EQUAL = 1e-5f;
  private static final Device DEVICE = Device.cpu(1);
  private static final List<Passage> PASSAGES =
      List.of(
          Passage.of("a", "the moon of the sun"),
          Passage.of("b", "a title", "rain"),
          Passage.of("c", "corn and stone by a road, and more stones"));

  @TempDir Path scratch;

  @ParameterizedTest
  @EnumSource(
      value = RandomCheckpoints.Architecture.class,
      names = {"LLAMA", "QWEN2", "QWEN3", "GEMMA2"})
  void retrieverIsServedAsItWasTrained(RandomCheckpoints.Architecture architecture)
      throws IOException {
    ModelBundle base =
        Toys.base(scratch.resolve("base"), Toys.shape().withArchitecture(architecture));
    Objective objective = Objective.Retrieval.defaults().withTemperature(0.05);
    TrainingTask task = new TrainingTask(base, "repllama", objective, Toys.lora());
    TrainingReport report = train(task, Toys.options());
    assertTrue(report.best().orElseThrow().mrr() > 0);
    ModelBundle tuned =
        ModelBundle.read(base.directory()).withRole(Toys.retriever(), report.output());
    assertFalse(tuned.adapter("repllama").orElseThrow().modules().isEmpty());
    assertServed(tuned);
  }

  @Test
  void rerankerIsServedAsItWasTrained() throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainingTask task = new TrainingTask(base, "rankllama", new Objective.Reranking(), Toys.lora());
    TrainingReport report = train(task, Toys.options());
    assertScored(base.withRole(Toys.reranker(), report.output()));
  }

  @Test
  void wholeModelsAreServedAsTheyWereTrained() throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainerOptions options = Toys.options();
    TrainingTask retriever =
        new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), new Tuning.Full());
    TrainingReport report =
        trainer(retriever, options).train(examples(64, 1), scratch.resolve("r1"));
    ModelBundle tuned = ModelBundle.read(report.output());
    assertFalse(tuned.weightsFingerprint().equals(base.weightsFingerprint()));
    assertServed(tuned);

    TrainingTask reranker =
        new TrainingTask(base, "rankllama", new Objective.Reranking(), new Tuning.Full());
    Path output = trainer(reranker, options).train(examples(64, 1), scratch.resolve("r2")).output();
    assertScored(ModelBundle.read(output));
  }

  @Test
  void languageModelFromNothingLearnsItsText() throws IOException {
    Path directory = scratch.resolve("base");
    Toys.base(directory);
    Files.delete(directory.resolve("model.safetensors"));
    BaseModels.initialise(directory, 5);
    ModelBundle base = ModelBundle.read(directory);
    TrainingTask task =
        TrainingTask.languageModel(base, new Objective.LanguageModel(32, 2), new Tuning.Full());
    TrainerOptions options = Toys.options().withLength(new Length.Epochs(1.5));
    TrainingReport report =
        trainer(task, options)
            .trainLanguageModel(
                TrainingData.of(Toys.texts(60, 1)),
                TrainingData.of(Toys.texts(20, 2)),
                scratch.resolve("run"));
    double uniform = Math.log(Toys.VOCABULARY);
    double loss = report.best().orElseThrow().loss();
    assertTrue(loss < uniform - 1, loss + " against " + uniform + " of a guess");
    ModelBundle.read(report.output()).openTokenizer().close();
  }

  @ParameterizedTest
  @CsvSource({"repllama, KL", "repllama, MARGIN_MSE", "rankllama, KL", "rankllama, MARGIN_MSE"})
  void distillationComesNearerToItsTeacher(String role, Objective.Divergence divergence)
      throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    Objective objective = new Objective.Distillation(divergence, 0.2, 0.1);
    TrainingTask task = new TrainingTask(base, role, objective, Toys.lora().withDropout(0));
    List<Double> losses = new ArrayList<>();
    TrainerOptions options =
        Toys.options()
            .withLength(new Length.Updates(20))
            .withListener(
                new TrainingListener() {
                  @Override
                  public void onStep(StepReport step) {
                    losses.add(step.loss());
                  }
                });
    trainer(task, options).train(examples(4, 1), scratch.resolve("run"));
    assertTrue(losses.get(19) < 0.8 * losses.get(0), losses.toString());
  }

  @Test
  void trainingGoesOnWithTheRolesAdapter() throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainingTask task =
        new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), Toys.lora());
    TrainingReport first = train(task, Toys.options());
    ModelBundle tuned = base.withRole(Toys.retriever(), first.output());
    TrainingTask again =
        new TrainingTask(tuned, "repllama", Objective.Retrieval.defaults(), Toys.lora());
    TrainerOptions still =
        Toys.options()
            .withLength(new Length.Updates(1))
            .withOptimisation(Optimisation.defaults()); // whose first rate is 0
    Path output = trainer(again, still).train(examples(8, 1), scratch.resolve("r2")).output();
    LoraAdapter before = LoraAdapters.read(first.output(), base.config());
    LoraAdapter after = LoraAdapters.read(output, base.config());
    String module = "layers.1.mlp.up_proj";
    assertArrayEquals(
        Golden.floats(before.modules().get(module).b()),
        Golden.floats(after.modules().get(module).b()),
        1e-7f);

    TrainingTask other =
        new TrainingTask(
            tuned, "repllama", Objective.Retrieval.defaults(), Toys.lora().withRank(5));
    Exception e =
        assertThrows(
            TrainingException.class,
            () -> trainer(other, still).train(examples(8, 1), scratch.resolve("r3")));
    assertTrue(e.getMessage().contains("has rank 4"), e.getMessage());
  }

  @Test
  void runsLeaveMetricsPlotAndProvenance() throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainingTask task =
        new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), Toys.lora());
    TrainingReport report = train(task, Toys.options());
    List<String> lines = Files.readAllLines(scratch.resolve("run/metrics.jsonl"));
    assertEquals(12 + 3, lines.size());
    byte[] png = Files.readAllBytes(scratch.resolve("run/loss.png"));
    assertEquals('P', png[1]);
    var provenance = new ObjectMapper().readTree(report.output().resolve("training.json").toFile());
    assertEquals(64, provenance.at("/training/data").asText().length());
    assertEquals("42", provenance.at("/training/seed").asText());
    assertEquals(12, provenance.at("/metrics/updates").asInt());

    List<String> steps = new ArrayList<>();
    TrainerOptions watched =
        Toys.options()
            .withListener(
                new TrainingListener() {
                  @Override
                  public void onStart(long done, long total) {
                    steps.add(done + "/" + total);
                  }
                });
    assertEquals(report.output(), train(task, watched).output());
    assertEquals(List.of(), steps, "a run that has ended does nothing more");
  }

  @Test
  void trainingStopsWithoutProgressAndYieldsTheBest() throws IOException {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainingTask task = new TrainingTask(base, "rankllama", new Objective.Reranking(), Toys.lora());
    List<EvaluationReport> seen = new ArrayList<>();
    TrainerOptions options =
        Toys.options()
            .withLength(new Length.Updates(200))
            .withOptimisation(
                Optimisation.defaults()
                    .withLearningRate(0.5)
                    .withSchedule(new Schedule.Constant(0)))
            .withEvaluation(Evaluation.defaults().withEvery(1).withItems(8).withPatience(2))
            .withListener(
                new TrainingListener() {
                  @Override
                  public void onEvaluation(EvaluationReport evaluation) {
                    seen.add(evaluation);
                  }
                });
    TrainingReport report = train(task, options);
    double lowest = seen.stream().mapToDouble(EvaluationReport::loss).min().orElseThrow();
    assertTrue(report.updates() < 200, "it stopped at " + report.updates());
    assertEquals(lowest, report.best().orElseThrow().loss());
    assertEquals(report.updates() - 2, report.best().orElseThrow().step());
  }

  private TrainingReport train(TrainingTask task, TrainerOptions options) throws IOException {
    return trainer(task, options).train(examples(64, 1), examples(16, 2), scratch.resolve("run"));
  }

  private static Trainer trainer(TrainingTask task, TrainerOptions options) {
    return Trainer.of(task, options).on(DEVICE);
  }

  private static TrainingData<TrainingExample> examples(int count, long seed) {
    return TrainingData.of(Toys.examples(count, seed));
  }

  /** ONNX Runtime's embeddings of the bundle are those of our forward pass. */
  private static void assertServed(ModelBundle bundle) throws IOException {
    try (ModelSession session = OnnxBackend.load(bundle, DEVICE)) {
      Embeddings passages = session.encoder("repllama").encodePassages(PASSAGES);
      Embeddings query = session.encoder("repllama").encodeQueries(List.of("sun moon"));
      List<float[]> own = states(bundle, "repllama", p -> p.passages(PASSAGES));
      for (int i = 0; i < PASSAGES.size(); i++) {
        assertArrayEquals(own.get(i), passages.row(i), EQUAL);
      }
      assertArrayEquals(
          states(bundle, "repllama", p -> List.of(p.query("sun moon"))).get(0),
          query.row(0),
          EQUAL);
    }
  }

  private static void assertScored(ModelBundle bundle) throws IOException {
    try (ModelSession session = OnnxBackend.load(bundle, DEVICE)) {
      Scores scores = session.scorer("rankllama").score("sun moon", PASSAGES);
      List<float[]> own = states(bundle, "rankllama", p -> p.pairs("sun moon", PASSAGES));
      for (int i = 0; i < PASSAGES.size(); i++) {
        assertEquals(own.get(i)[0], scores.score(i), EQUAL);
      }
    }
  }

  private interface Prompting {
    List<io.chasqui.checkpoint.PreparedInput> of(PromptEncoder prompts);
  }

  /** Unit vectors, or logits. */
  private static List<float[]> states(ModelBundle bundle, String name, Prompting prompting)
      throws IOException {
    try (Scope scope = Scope.root(ai.djl.Device.cpu());
        JsonTokenizer tokenizer = bundle.openTokenizer()) {
      Role role = bundle.role(name);
      Objective objective =
          role.isScorer() ? new Objective.Reranking() : Objective.Retrieval.defaults();
      boolean adapted = bundle.adapterDirectory(name).isPresent();
      Tuning tuning = adapted ? Toys.lora() : new Tuning.Full();
      TrainedModel model =
          TrainedModel.load(scope, new TrainingTask(bundle, name, objective, tuning), 0);
      Ops ops = new Ops(scope, new Constants(scope));
      List<float[]> states = new ArrayList<>();
      for (var input : prompting.of(bundle.prompts(tokenizer, name))) {
        TokenBlock block = new TokenBlock(List.of(input.ids()), 0, 0);
        PtNDArray state =
            BlockPass.output(model.decoder(), block, Readout.LAST, Dropout.off(), ops);
        states.add(
            Ops.floats(role.isScorer() ? ops.linear(state, model.head(), null) : ops.unit(state)));
      }
      return states;
    }
  }
}
