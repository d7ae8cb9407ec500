package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.Device;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What DJL gets wrong if one lets it: buffers that the collector frees, and one training at once.
 */
final class TrainingFaultsIT {
  private static final int STEPS = 50;
  private static final int MANY_STEPS = 2_000;

  /** What may come and go in a process; half of the steps losing 4 kilobytes each would be more. */
  private static final long FLAT_KILOBYTES = 4_000;

  @TempDir Path scratch;

  /**
   * Between forward and backward the collector runs and its freed memory is written over; the
   * gradients are those of an undisturbed pass.
   */
  @Test
  void collectionsBetweenForwardAndBackwardChangeNoGradient() throws IOException {
    disturb(STEPS);
  }

  /** The same, long enough to see native memory that is never given back. */
  @Test
  @Tag("nightly")
  void twoThousandCollectionsLeaveGradientsAndMemoryAsTheyWere() throws IOException {
    long[] resident = disturb(MANY_STEPS);
    System.out.printf(
        "%,d steps with collections: %,d kB resident after the first tenth, %,d half-way, %,d at"
            + " the end%n",
        MANY_STEPS, resident[0], resident[1], resident[2]);
    // In the first half the JVM still compiles and its heap grows.
    assertTrue(resident[2] - resident[1] < FLAT_KILOBYTES, resident[2] + " kB at the end");
  }

  /** Returns kilobytes held after a tenth of the steps, half-way and at the end. */
  private long[] disturb(int steps) throws IOException {
    long[] resident = new long[3];
    ModelBundle base = Toys.base(scratch.resolve("base"));
    TrainingTask task =
        new TrainingTask(base, "repllama", Objective.Retrieval.defaults(), new Tuning.Full());
    try (Scope scope = Scope.root(ai.djl.Device.cpu())) {
      JniUtils.setNumThreads(1);
      TrainedModel model = TrainedModel.load(scope, task, 1);
      Ops ops = new Ops(scope, new Constants(scope));
      List<float[]> calm = gradients(model, ops, () -> {});
      for (int step = 0; step < steps; step++) {
        List<float[]> disturbed = gradients(model, ops, TrainingFaultsIT::collectAndOverwrite);
        for (int i = 0; i < calm.size(); i++) {
          assertArrayEquals(calm.get(i), disturbed.get(i), "step " + step);
        }
        if (step == steps / 10) {
          resident[0] = ProcessMemory.resident();
        } else if (step == steps / 2) {
          resident[1] = ProcessMemory.resident();
        }
      }
      resident[2] = ProcessMemory.resident();
      return resident;
    }
  }

  private static void collectAndOverwrite() {
    System.gc();
    for (int i = 0; i < 64; i++) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(4 << i % 12);
      while (buffer.hasRemaining()) {
        buffer.put((byte) 0x7f); // NaN as floats
      }
    }
  }

  private static List<float[]> gradients(TrainedModel model, Ops ops, Runnable between) {
    List<int[]> rows = List.of(new int[] {1, 5, 9, 2}, new int[] {1, 17, 8, 44, 60, 2});
    try (Scope inner = ops.scope().child();
        BlockPass pass =
            BlockPass.forward(
                model.decoder(),
                new TokenBlock(rows, 0, 0),
                Readout.LAST,
                new Dropout(0.1, 3),
                true,
                Recompute.NOTHING,
                ops.in(inner))) {
      between.run();
      PtNDArray ones = inner.full(1, pass.output().getShape());
      pass.backward(ones);
      List<float[]> gradients = new ArrayList<>();
      for (Parameter parameter : model.parameters()) {
        gradients.add(Ops.floats(inner.own(JniUtils.getGradient(parameter.value()))));
        JniUtils.zeroGrad(parameter.value());
      }
      return gradients;
    }
  }

  @Test
  void twoTrainingsAtOnceAreWhatTheyAreAlone() throws Exception {
    ModelBundle base = Toys.base(scratch.resolve("base"));
    LoraAdapter retriever = train(base, "repllama", "a");
    LoraAdapter reranker = train(base, "rankllama", "b");
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Future<LoraAdapter> one = two.submit(() -> train(base, "repllama", "c"));
      Future<LoraAdapter> other = two.submit(() -> train(base, "rankllama", "d"));
      assertSame(retriever, one.get());
      assertSame(reranker, other.get());
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      two.shutdownNow();
    }
  }

  private LoraAdapter train(ModelBundle base, String role, String run) throws IOException {
    Objective objective =
        role.equals("rankllama") ? new Objective.Reranking() : Objective.Retrieval.defaults();
    TrainingTask task = new TrainingTask(base, role, objective, Toys.lora());
    TrainingReport report =
        Trainer.of(task, Toys.options())
            .on(Device.cpu(1))
            .train(TrainingData.of(Toys.examples(64, 1)), scratch.resolve(run));
    return LoraAdapters.read(report.output(), base.config());
  }

  private static void assertSame(LoraAdapter expected, LoraAdapter found) {
    assertEquals(expected.modules().keySet(), found.modules().keySet());
    expected
        .modules()
        .forEach(
            (module, update) -> {
              LoraAdapter.Update other = found.modules().get(module);
              assertArrayEquals(Golden.floats(update.a()), Golden.floats(other.a()), 1e-6f, module);
              assertArrayEquals(Golden.floats(update.b()), Golden.floats(other.b()), 1e-6f, module);
            });
  }

  @Test
  void dropoutDropsItsShareAndRepeatsItself() {
    try (Scope scope = Scope.root(ai.djl.Device.cpu())) {
      Ops ops = new Ops(scope, new Constants(scope));
      PtNDArray ones = scope.full(1, new ai.djl.ndarray.types.Shape(100, 400));
      Dropout dropout = new Dropout(0.1, 5);
      float[] first = Ops.floats(dropout.apply(ops, ones, 1, 2));
      int zeros = 0;
      for (float each : first) {
        zeros += each == 0 ? 1 : 0;
        assertTrue(each == 0 || Math.abs(each - 1 / 0.9f) < 1e-6f);
      }
      assertEquals(0.1, zeros / 40_000.0, 0.006); // four standard deviations
      assertArrayEquals(first, Ops.floats(dropout.apply(ops, ones, 1, 2)));
      float[] other = Ops.floats(dropout.apply(ops, ones, 1, 3));
      assertTrue(java.util.Arrays.mismatch(first, other) >= 0);
    }
  }
}
