package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables of an independent float64 reference: losses with gradients, AdamW, schedules. */
final class GoldenUnitsIT {
  private final Scope scope = Scope.root(Device.cpu());
  private final Ops ops = new Ops(scope, new Constants(scope));

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void infoNceAndItsGradients() throws IOException {
    JsonNode table = Golden.json("units/losses.json").get("infonce");
    long[] targets = longs(table.get("targets"));
    for (JsonNode golden : table.get("cases")) {
      double temperature = golden.get("temperature").doubleValue();
      GradMode.on(
          () -> {
            PtNDArray q = ops.leaf(matrix(table.get("q")));
            PtNDArray p = ops.leaf(matrix(table.get("p")));
            PtNDArray scores = ops.mul(ops.matmul(q, ops.transpose(p, 0, 1)), 1 / temperature);
            PtNDArray loss = Losses.crossEntropy(ops, scores, targets);
            JniUtils.backward(loss, scope.scalar(1), false, false);
            assertEquals(golden.get("loss").doubleValue(), Ops.value(loss), 1e-4);
            assertGradient(golden.get("d_q"), q);
            assertGradient(golden.get("d_p"), p);
            return loss;
          });
    }
  }

  @Test
  void groupSoftmaxAndItsGradient() throws IOException {
    JsonNode golden = Golden.json("units/losses.json").get("group_softmax");
    GradMode.on(
        () -> {
          PtNDArray scores = ops.leaf(matrix(golden.get("scores")));
          long[] first = new long[golden.get("scores").size()];
          PtNDArray loss = Losses.crossEntropy(ops, scores, first);
          JniUtils.backward(loss, scope.scalar(1), false, false);
          assertEquals(golden.get("loss").doubleValue(), Ops.value(loss), 1e-5);
          assertGradient(golden.get("d_scores"), scores);
          return loss;
        });
  }

  @Test
  void greatScoresDoNotOverflow() throws IOException {
    JsonNode golden = Golden.json("units/losses.json").get("overflow_safe");
    double[] values = Golden.numbers(golden.get("scores"));
    PtNDArray scores = scope.floats(narrowed(values), 1, values.length);
    double first = Ops.value(Losses.crossEntropy(ops, scores, new long[] {0}));
    double second = Ops.value(Losses.crossEntropy(ops, scores, new long[] {1}));
    assertEquals(golden.get("loss").doubleValue(), first, 1e-4);
    assertEquals(golden.get("loss_if_target_is_1").doubleValue(), second, 1e-3);
  }

  @Test
  void adamWStepByStep() throws IOException {
    JsonNode table = Golden.json("units/adamw.json");
    JsonNode hyper = table.get("hyper");
    Schedule schedule = new Schedule.Linear(hyper.get("warmup").intValue());
    Optimisation settings =
        Optimisation.defaults()
            .withLearningRate(hyper.get("lr").doubleValue())
            .withSchedule(schedule);
    List<Parameter> parameters = new ArrayList<>();
    for (JsonNode initial : table.get("initial")) {
      PtNDArray value = tensor(initial);
      JniUtils.attachGradient(value, true);
      parameters.add(new Parameter("p" + parameters.size(), value));
    }
    AdamW optimiser = new AdamW(scope, settings, parameters);
    long step = 0;
    for (JsonNode golden : table.get("steps")) {
      for (int i = 0; i < parameters.size(); i++) {
        addGradient(parameters.get(i).value(), golden.get("raw_grads").get(i));
      }
      double norm = optimiser.gradientNorm(scope);
      assertEquals(golden.get("global_norm").doubleValue(), norm, 1e-5 * norm);
      double rate = settings.learningRate() * schedule.factor(step++, hyper.get("total").asLong());
      assertEquals(golden.get("lr").doubleValue(), rate, 1e-15);
      optimiser.update(scope, rate, norm);
      for (int i = 0; i < parameters.size(); i++) {
        AdamW.Moments moments = optimiser.moments().get(i);
        assertNear(golden.get("params_after").get(i), parameters.get(i).value());
        assertNear(golden.get("exp_avg").get(i), moments.mean());
        assertNear(golden.get("exp_avg_sq").get(i), moments.square());
      }
    }
  }

  private void addGradient(PtNDArray value, JsonNode gradient) {
    GradMode.on(
        () -> {
          PtNDArray product = ops.mul(value, tensor(gradient));
          JniUtils.backward(ops.sum(product), scope.scalar(1), false, false);
          return product;
        });
  }

  private void assertNear(JsonNode expected, PtNDArray found) {
    assertEquals(0, Golden.distance(Golden.numbers(expected), Ops.floats(found)), 1e-6);
  }

  private void assertGradient(JsonNode expected, PtNDArray leaf) {
    float[] found = Ops.floats(scope.own(JniUtils.getGradient(leaf)));
    double[] numbers = Golden.numbers(expected);
    // A share that is 1 within an ulp has no gradient in fp32: one ulp by temperature 0.01 is 6e-6.
    boolean belowAnUlp = Golden.distance(numbers, new float[numbers.length]) < 6e-6;
    double difference =
        belowAnUlp ? Golden.distance(numbers, found) : Golden.relative(numbers, found);
    assertEquals(0, difference, 3e-5);
  }

  private PtNDArray matrix(JsonNode rows) {
    return scope.floats(narrowed(Golden.numbers(rows)), rows.size(), rows.get(0).size());
  }

  private PtNDArray tensor(JsonNode node) {
    float[] values = narrowed(Golden.numbers(node));
    return node.get(0).isArray() ? matrix(node) : scope.floats(values, values.length);
  }

  private static float[] narrowed(double[] values) {
    float[] narrowed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrowed[i] = (float) values[i];
    }
    return narrowed;
  }

  private static long[] longs(JsonNode node) {
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).longValue();
    }
    return values;
  }
}
