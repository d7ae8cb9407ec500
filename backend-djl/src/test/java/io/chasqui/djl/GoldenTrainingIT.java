package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole trajectories against those of an independent float64 reference: losses, every gradient
 * before clipping and its norm, learning rates, final weights.
 */
final class GoldenTrainingIT {
  private static final String BASE = "arch/llama-gqa-llama3rope";
  private static final double LOSS = 1e-4;
  private static final double GRADIENT = 3e-5;
  private static final double EARLY_NORM = 1e-5;
  private static final double LATE_NORM = 1e-3;
  private static final double WEIGHT = 2e-6;
  private static final double FULL_WEIGHT = 5e-6;
  private static final int STEPS = 10;
  private static final int FULL_STEPS = 5;
  private static final Tuning LORA = Tuning.Lora.defaults().withRank(4).withAlpha(8).withDropout(0);

  @ParameterizedTest
  @CsvSource({
    "repllama, init-repllama, 1, KEEP_ALL",
    "repllama, init-repllama, 1, CHECKPOINT_LAYERS",
    "repllama, init-repllama, 1, GRAD_CACHE",
    "repllama, init-repllama, 1, GRAD_CACHE_AND_CHECKPOINT_LAYERS",
    "repllama-zero-b, init-repllama-zero-b, 1, KEEP_ALL",
    "repllama-accum2, init-repllama, 2, KEEP_ALL",
    "repllama-accum2, init-repllama, 2, GRAD_CACHE",
  })
  void repllamaFollowsItsTrajectory(String run, String init, int accumulation, MemoryUse memory)
      throws IOException {
    ModelBundle bundle = bundle().withRole(repllama(), Golden.path("training/" + init));
    TrainingTask task = new TrainingTask(bundle, "repllama", Objective.Retrieval.defaults(), LORA);
    follow(task, run, retrieval(accumulation), memory, STEPS, 2e-4, WEIGHT, ".safetensors");
  }

  @ParameterizedTest
  @CsvSource({
    "rankllama, 1, KEEP_ALL",
    "rankllama, 1, GRAD_CACHE",
    "rankllama-accum2, 2, KEEP_ALL"
  })
  void rankllamaFollowsItsTrajectory(String run, int accumulation, MemoryUse memory)
      throws IOException {
    Role role = Presets.named("rankllama-v1").withTruncation(new Role.Truncation(32, 32));
    ModelBundle bundle = bundle().withRole(role, Golden.path("training/init-rankllama"));
    TrainingTask task = new TrainingTask(bundle, "rankllama", new Objective.Reranking(), LORA);
    follow(task, run, reranking(accumulation), memory, STEPS, 1e-3, WEIGHT, ".safetensors");
  }

  @ParameterizedTest
  @CsvSource({"KEEP_ALL", "GRAD_CACHE_AND_CHECKPOINT_LAYERS"})
  void fullFineTuningFollowsItsTrajectory(MemoryUse memory) throws IOException {
    TrainingTask task =
        new TrainingTask(
            bundle().withRole(repllama()),
            "repllama",
            Objective.Retrieval.defaults(),
            new Tuning.Full());
    String run = "repllama-full";
    follow(task, run, retrieval(1), memory, FULL_STEPS, 2e-5, FULL_WEIGHT, ".f32.safetensors");
  }

  @Test
  void checkpointedLanguageModelHasTheGradientsOfAKeptOne() throws IOException {
    TrainingTask task =
        TrainingTask.languageModel(bundle(), new Objective.LanguageModel(16, 2), new Tuning.Full());
    List<int[]> rows = Golden.ids(Golden.json("training/batch.json").get("passage_ids"));
    List<float[]> kept = languageGradients(task, rows, MemoryUse.KEEP_ALL, 64);
    List<float[]> again = languageGradients(task, rows, MemoryUse.CHECKPOINT_LAYERS, 4096);
    for (int i = 0; i < kept.size(); i++) {
      assertEquals(0, Golden.relative(widened(kept.get(i)), again.get(i)), GRADIENT);
    }
  }

  private static List<float[]> languageGradients(
      TrainingTask task, List<int[]> rows, MemoryUse memory, int tokens) throws IOException {
    try (Scope scope = Scope.root(Device.cpu())) {
      ai.djl.pytorch.jni.JniUtils.setNumThreads(1);
      TrainedModel model = TrainedModel.load(scope, task, 1);
      Batching batching = Batching.defaults().withMemory(memory).withTokensPerBlock(tokens);
      Ops ops = new Ops(scope, new Constants(scope));
      new LanguageLearner(model, batching, ops).learn(rows, 1, Dropout.off());
      return model.parameters().stream().map(GoldenTrainingIT::gradient).toList();
    }
  }

  private static float[] gradient(Parameter parameter) {
    try (NDArray gradient = parameter.value().getGradient()) {
      return gradient.toFloatArray();
    }
  }

  private static void follow(
      TrainingTask task,
      String run,
      List<List<TrainingGroup>> batch,
      MemoryUse memory,
      int steps,
      double peak,
      double tolerance,
      String suffix)
      throws IOException {
    JsonNode golden = Golden.json("training/" + run + ".json");
    SafetensorsFile gradients =
        SafetensorsFile.read(Golden.path("training/" + run + ".step1_grads" + suffix));
    SafetensorsFile end = SafetensorsFile.read(Golden.path("training/" + run + ".final" + suffix));
    Schedule schedule = steps == STEPS ? new Schedule.Linear(3) : new Schedule.Constant(0);
    Optimisation settings = Optimisation.defaults().withLearningRate(peak).withSchedule(schedule);
    // Small blocks, so that every micro-batch has several.
    Batching batching = Batching.defaults().withMemory(memory).withTokensPerBlock(60);

    try (Scope scope = Scope.root(Device.cpu())) {
      ai.djl.pytorch.jni.JniUtils.setNumThreads(1);
      TrainedModel model = TrainedModel.load(scope, task, 1);
      Ops ops = new Ops(scope, new Constants(scope));
      GroupLearner learner = new GroupLearner(model, batching, ops);
      assertEquals(gradients.all().size(), model.parameters().size());

      for (List<TrainingGroup> micro : batch) {
        learner.learn(micro, 1.0 / batch.size(), Dropout.off());
      }
      for (Parameter parameter : model.parameters()) {
        double[] expected = Golden.doubles(gradients, parameter.name());
        double difference = Golden.relative(expected, gradient(parameter));
        assertTrue(difference <= GRADIENT, parameter.name() + ": " + difference);
        ai.djl.pytorch.jni.JniUtils.zeroGrad(parameter.value());
      }

      AdamW optimiser = new AdamW(scope, settings, model.parameters());
      Updater<TrainingGroup> updater =
          new Updater<>(learner, optimiser, settings, scope, 0, 0, steps);
      for (int step = 0; step < steps; step++) {
        Updater.Result result = updater.update(batch);
        String at = run + " step " + step;
        assertEquals(golden.get("loss").get(step).doubleValue(), result.loss(), LOSS, at);
        double norm = golden.get("grad_norm_before_clip").get(step).doubleValue();
        double allowed = norm * (step < 4 ? EARLY_NORM : LATE_NORM);
        assertEquals(norm, result.gradientNorm(), allowed, at);
        assertEquals(golden.get("lr").get(step).doubleValue(), result.learningRate(), 1e-15, at);
      }
      for (Parameter parameter : model.parameters()) {
        double[] expected = Golden.doubles(end, parameter.name());
        float[] found = parameter.value().toFloatArray();
        assertEquals(0, Golden.distance(expected, found), tolerance, parameter.name());
      }
    }
  }

  private static ModelBundle bundle() throws IOException {
    return ModelBundle.read(Golden.path(BASE));
  }

  private static Role repllama() {
    return Presets.named("repllama-v1-code").withTruncation(new Role.Truncation(32, 32));
  }

  private static List<List<TrainingGroup>> retrieval(int accumulation) throws IOException {
    JsonNode batch = Golden.json("training/batch.json");
    List<int[]> queries = Golden.ids(batch.get("query_ids"));
    List<int[]> passages = Golden.ids(batch.get("passage_ids"));
    int size = batch.get("group_size").intValue();
    List<TrainingGroup> groups = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      groups.add(TrainingGroup.of(queries.get(i), passages.subList(i * size, (i + 1) * size)));
    }
    return split(groups, accumulation);
  }

  private static List<List<TrainingGroup>> reranking(int accumulation) throws IOException {
    JsonNode batch = Golden.json("training/batch.json");
    List<int[]> pairs = Golden.ids(batch.get("pair_ids"));
    int size = batch.get("pair_group_size").intValue();
    List<TrainingGroup> groups = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i += size) {
      groups.add(TrainingGroup.ofPairs(pairs.subList(i, i + size)));
    }
    return split(groups, accumulation);
  }

  private static List<List<TrainingGroup>> split(List<TrainingGroup> groups, int parts) {
    List<List<TrainingGroup>> split = new ArrayList<>();
    int size = groups.size() / parts;
    for (int i = 0; i < groups.size(); i += size) {
      split.add(groups.subList(i, i + size));
    }
    return split;
  }

  private static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }
}
