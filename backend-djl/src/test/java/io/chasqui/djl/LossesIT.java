package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Losses against numbers worked out by hand. */
final class LossesIT {
  private static final int[] ANY = {1};
  private final Scope scope = Scope.root(Device.cpu());
  private final Ops ops = new Ops(scope, new Constants(scope));

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void groupsOfDifferentSizesArePadded() {
    PtNDArray flat = scope.floats(new float[] {2, 1, 0, 5, 4}, 5);
    PtNDArray matrix = Losses.byGroup(ops, flat, new int[] {3, 2});
    double first = -Math.log(Math.exp(2) / (Math.exp(2) + Math.exp(1) + 1));
    double second = -Math.log(Math.exp(5) / (Math.exp(5) + Math.exp(4)));
    PtNDArray loss = Losses.crossEntropy(ops, matrix, new long[2]);
    assertEquals((first + second) / 2, Ops.value(loss), 1e-6);
  }

  @Test
  void paddingGetsNoGradient() {
    List<TrainingGroup> groups = List.of(teacher(1, 0, -1), teacher(2, 0));
    for (Function<PtNDArray, PtNDArray> loss :
        List.<Function<PtNDArray, PtNDArray>>of(
            s -> Losses.crossEntropy(ops, s, new long[2]),
            s -> Losses.kl(ops, s, groups),
            s -> Losses.marginMse(ops, s, groups))) {
      float[] gradient =
          GradMode.on(
              () -> {
                PtNDArray flat = ops.leaf(scope.floats(new float[] {2, 1, 0, 5, 4}, 5));
                PtNDArray value = loss.apply(Losses.byGroup(ops, flat, new int[] {3, 2}));
                ai.djl.pytorch.jni.JniUtils.backward(value, scope.scalar(1), false, false);
                return Ops.floats(scope.own(ai.djl.pytorch.jni.JniUtils.getGradient(flat)));
              });
      double sum = 0;
      for (float each : gradient) {
        sum += each;
      }
      assertEquals(0, sum, 1e-6, "shifting all scores of a group changes nothing");
    }
  }

  @Test
  void klIsZeroForTheTeacherItselfAndRightElsewhere() {
    List<TrainingGroup> groups = List.of(teacher(1, 0), teacher(3, 3));
    PtNDArray same = scope.floats(new float[] {11, 10, -4, -4}, 2, 2);
    assertEquals(0, Ops.value(Losses.kl(ops, same, groups)), 1e-6);
    PtNDArray flat = scope.floats(new float[] {0, 0, 0, 0}, 2, 2);
    double p = 1 / (1 + Math.exp(-1));
    double expected = (p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p))) / 2;
    assertEquals(expected, Ops.value(Losses.kl(ops, flat, groups)), 1e-6);
  }

  @Test
  void marginMseCountsNegativesAlone() {
    List<TrainingGroup> groups = List.of(teacher(4, 1, 0), teacher(2, 1));
    PtNDArray matrix =
        Losses.byGroup(ops, scope.floats(new float[] {5, 4, 0, 7, 7}, 5), new int[] {3, 2});
    // margins: student 1, 5, 0; teacher 3, 4, 1
    assertEquals((4 + 1 + 1) / 3.0, Ops.value(Losses.marginMse(ops, matrix, groups)), 1e-6);
    PtNDArray alone = scope.floats(new float[] {1}, 1, 1);
    assertThrows(
        IllegalArgumentException.class, () -> Losses.marginMse(ops, alone, List.of(teacher(1))));
  }

  private static TrainingGroup teacher(float... scores) {
    List<int[]> passages = java.util.Collections.nCopies(scores.length, ANY);
    return new TrainingGroup(ANY, passages, scores);
  }
}
