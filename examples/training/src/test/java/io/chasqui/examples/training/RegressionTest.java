package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

final class RegressionTest {
  private static final int SAMPLES = 2_000;

  private static DMatrixRMaj samples(double... deviations) {
    Random random = new Random(3);
    DMatrixRMaj samples = new DMatrixRMaj(SAMPLES, deviations.length);
    for (int row = 0; row < SAMPLES; row++) {
      for (int i = 0; i < deviations.length; i++) {
        samples.set(row, i, deviations[i] * random.nextGaussian());
      }
    }
    return samples;
  }

  @Test
  void aLinearMapIsFoundAgain() {
    DMatrixRMaj samples = samples(1, 2, 0.5);
    DMatrixRMaj map = new DMatrixRMaj(new double[][] {{1, -2, 3}, {0, 0.5, -1}});
    DMatrixRMaj targets = new DMatrixRMaj(SAMPLES, 2);
    CommonOps_DDRM.multTransB(samples, map, targets);
    DMatrixRMaj found = Regression.ridge(samples, targets);
    for (int i = 0; i < map.getNumElements(); i++) {
      assertEquals(map.get(i), found.get(i), 0.03);
    }
  }

  @Test
  void samplesThatWeighNothingDoNotCount() {
    DMatrixRMaj samples = samples(1, 1);
    DMatrixRMaj targets = new DMatrixRMaj(SAMPLES, 1);
    double[] weights = new double[SAMPLES];
    for (int row = 0; row < SAMPLES; row++) {
      boolean counts = row % 2 == 0;
      weights[row] = counts ? 1 : 0;
      targets.set(row, 0, counts ? 3 * samples.get(row, 1) : -100);
    }
    DMatrixRMaj found = Regression.ridge(samples, targets, weights);
    assertEquals(0, found.get(0, 0), 0.01);
    assertEquals(3, found.get(0, 1), 0.01);
  }

  @Test
  void directionsAreOrderedByVarianceAroundTheMean() {
    DMatrixRMaj samples = samples(1, 5, 0.1);
    for (int row = 0; row < SAMPLES; row++) {
      samples.add(row, 2, 100);
    }
    assertEquals(100, Regression.means(samples)[2], 0.02);
    DMatrixRMaj directions = Regression.directions(samples);
    int[] order = {1, 0, 2};
    for (int i = 0; i < order.length; i++) {
      assertTrue(Math.abs(directions.get(i, order[i])) > 0.99, directions.toString());
    }
  }
}
