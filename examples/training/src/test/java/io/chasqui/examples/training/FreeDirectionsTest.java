package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

final class FreeDirectionsTest {
  private static final int SIZE = 8;

  private final Random random = new Random(2);

  private float[] noise(int rows, int unread) {
    float[] values = new float[rows * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % SIZE == unread ? 0 : (float) random.nextGaussian();
    }
    return values;
  }

  private Map<String, float[]> weights(int layers, int unread) {
    float[] ones = new float[SIZE];
    Arrays.fill(ones, 1);
    Map<String, float[]> weights = new HashMap<>();
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "layers." + layer + ".";
      for (String norm : new String[] {"input_layernorm", "post_attention_layernorm"}) {
        weights.put(prefix + norm + ".weight", ones);
      }
      for (String module : LowRankUpdates.MODULES) {
        weights.put(prefix + module + ".weight", noise(12, layer == 0 ? -1 : unread));
      }
    }
    return weights;
  }

  private DMatrixRMaj states(int unused, double there) {
    DMatrixRMaj states = new DMatrixRMaj(100, SIZE);
    for (int row = 0; row < states.numRows; row++) {
      for (int i = 0; i < SIZE; i++) {
        states.set(row, i, i == unused ? there : random.nextGaussian());
      }
    }
    return states;
  }

  @Test
  void whatIsNeitherUsedNorReadIsFree() {
    double[] free = FreeDirections.least(states(5, 0.1), weights(2, 5), 1, 2);
    assertTrue(Math.abs(free[5]) > 0.9, Arrays.toString(free));
  }

  @Test
  void whatIsAlwaysThereIsUsed() {
    double[] free = FreeDirections.least(states(5, 3), weights(2, 5), 1, 2);
    assertTrue(Math.abs(free[5]) < 0.5, Arrays.toString(free));
  }

  @Test
  void whatLayersReadIsNotFree() {
    Map<String, float[]> weights = weights(2, 6);
    weights.forEach(
        (name, values) -> {
          for (int i = 5; name.contains("proj") && i < values.length; i += SIZE) {
            values[i] *= 3;
          }
        });
    double[] free = FreeDirections.least(states(5, 0.1), weights, 1, 2);
    assertTrue(Math.abs(free[5]) < 0.5, Arrays.toString(free));
  }
}
