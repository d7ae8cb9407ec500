package io.chasqui.djl;

import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Updates per CPU-second and peak memory of LoRA on a base of about ten million parameters: 32
 * passages of 128 tokens with 8 queries of 16, rank 16 on all linear layers, one thread. A program,
 * run by hand. Arguments: {@code DIRECTORY UPDATES MEMORY_USE}; the base is left in the directory
 * for a peer to be measured on.
 */
final class TrainingMeasurement {
  private static final int WARM_UP = 3;
  private static final int QUERIES = 8;
  private static final int PASSAGES = 4;

  private TrainingMeasurement() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int updates = Integer.parseInt(args[1]);
    MemoryUse memory = MemoryUse.valueOf(args[2]);
    if (!Files.exists(directory.resolve("config.json"))) {
      Toys.base(
          directory,
          RandomCheckpoints.Shape.tiny()
              .withVocabulary(8000)
              .withWidths(320, 864)
              .withAttention(5, 5, 64)
              .withLayers(6));
    }
    ModelBundle base = Toys.read(directory);
    TrainingTask task =
        new TrainingTask(
            base,
            "repllama",
            Objective.Retrieval.defaults(),
            Tuning.Lora.defaults().withRank(16).withAlpha(32).withDropout(0));
    try (Scope scope = Scope.root(ai.djl.Device.cpu())) {
      JniUtils.setNumThreads(1);
      TrainedModel model = TrainedModel.load(scope, task, 1);
      int tokens = memory == MemoryUse.KEEP_ALL ? 4096 : 1024;
      Batching batching = Batching.defaults().withMemory(memory).withTokensPerBlock(tokens);
      Optimisation settings = Optimisation.defaults().withSchedule(new Schedule.Constant(0));
      AdamW optimiser = new AdamW(scope, settings, model.parameters());
      Ops ops = new Ops(scope, new Constants(scope));
      Updater<TrainingGroup> updater =
          new Updater<>(
              new GroupLearner(model, batching, ops), optimiser, settings, scope, 0, 0, 1);
      List<List<TrainingGroup>> batch = List.of(batch(new Random(1)));
      long idle = resident();
      for (int i = 0; i < WARM_UP; i++) {
        updater.update(batch);
      }
      long began = cpu();
      double loss = 0;
      for (int i = 0; i < updates; i++) {
        loss = updater.update(batch).loss();
      }
      double seconds = (cpu() - began) * 1e-9;
      System.out.printf(
          "%s: %.3f updates per CPU-second, loss %.4f, peak %d MB above %d MB before%n",
          memory, updates / seconds, loss, (status("VmHWM") - idle) / 1024, idle / 1024);
    }
  }

  private static List<TrainingGroup> batch(Random random) {
    List<TrainingGroup> groups = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      List<int[]> passages = new ArrayList<>();
      for (int j = 0; j < PASSAGES; j++) {
        passages.add(random.ints(128, 3, 8000).toArray());
      }
      groups.add(TrainingGroup.of(random.ints(16, 3, 8000).toArray(), passages));
    }
    return groups;
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long resident() throws IOException {
    return status("VmRSS");
  }

  /** Kilobytes, on Linux. */
  private static long status(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
