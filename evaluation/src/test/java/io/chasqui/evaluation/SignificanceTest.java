package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SignificanceTest {
  /** Student's own: extra sleep with two drugs (1908, table I); t = 4.0621, p = 0.002833. */
  private static final double[] SLEEP = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

  @Test
  void pairedTGivesStudentsOwnExample() {
    TestResult result = Significance.pairedT(SLEEP);
    assertEquals(1.58, result.meanDifference(), 1e-12);
    assertEquals(4.0621, result.statistic(), 5e-5);
    assertEquals(0.002833, result.pValue(), 5e-7);
    assertEquals(10, result.pairs());
  }

  @Test
  void pairedTOfEqualDifferences() {
    assertEquals(1, Significance.pairedT(new double[] {0, 0, 0}).pValue());
    assertEquals(0, Significance.pairedT(new double[] {0.5, 0.5, 0.5}).pValue());
    assertThrows(IllegalArgumentException.class, () -> Significance.pairedT(new double[] {1}));
  }

  @Test
  void randomisationIsExactWhereAllSwapsCanBeTried() {
    // Nine differences of one sign: only the two orders with all signs equal are as extreme.
    assertEquals(2 / 512.0, Significance.randomisation(SLEEP, 1_000, 1).pValue());
    // 3 + 2 − 1 = 4: of 8 sums (±6, ±4, ±2, 0, 0) four are at least 4 in size.
    assertEquals(0.5, Significance.randomisation(new double[] {3, 2, -1}, 100, 1).pValue());
    assertEquals(1, Significance.randomisation(new double[] {0, 0}, 100, 1).pValue());
  }

  @Test
  void sampledRandomisationIsNearTheExactValueAndRepeatable() {
    SplittableRandom random = new SplittableRandom(3);
    double[] differences = random.doubles(14, -0.4, 0.6).toArray();
    double exact = Significance.randomisation(differences, 1 << 14, 1).pValue();
    double sampled = Significance.randomisation(differences, (1 << 14) - 1, 1).pValue();
    assertEquals(exact, sampled, 4 * Math.sqrt(exact * (1 - exact) / (1 << 14)));
    assertEquals(sampled, Significance.randomisation(differences, (1 << 14) - 1, 1).pValue());
  }

  @Test
  void correctionsAsComputedByHand() {
    List<Double> p = List.of(0.04, 0.01, 0.03, 0.005);
    assertEquals(p, Correction.NONE.adjust(p));
    assertClose(List.of(0.16, 0.04, 0.12, 0.02), Correction.BONFERRONI.adjust(p));
    // Ascending 0.005·4, 0.01·3, 0.03·2, 0.04·1 = 0.02, 0.03, 0.06, then not below 0.06.
    assertClose(List.of(0.06, 0.03, 0.06, 0.02), Correction.HOLM.adjust(p));
    assertThrows(IllegalArgumentException.class, () -> Correction.HOLM.adjust(List.of(Double.NaN)));
  }

  private static void assertClose(List<Double> expected, List<Double> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), actual.get(i), 1e-12);
    }
  }

  @Test
  void bootstrapIntervalsHoldTheTrueMeanAboutAsOftenAsTheySay() {
    SplittableRandom random = new SplittableRandom(11);
    int held = 0;
    for (int trial = 0; trial < 300; trial++) {
      double[] values = random.doubles(60).toArray(); // true mean 0.5
      Interval interval = Interval.bootstrap(values, 0.9, 400, trial);
      assertTrue(interval.low() <= interval.high());
      held += interval.low() <= 0.5 && 0.5 <= interval.high() ? 1 : 0;
    }
    assertTrue(held > 250 && held < 290, held + " of 300");
  }

  @Test
  void bootstrapOfOneValueIsThatValue() {
    double[] same = new double[20];
    Arrays.fill(same, 0.25);
    assertEquals(new Interval(0.25, 0.25, 0.95), Interval.bootstrap(same, 0.95, 100, 1));
  }
}
