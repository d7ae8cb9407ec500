package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BatchPlannerProperties {
  @Property
  void everyRowIsInExactlyOneBatch(
      @ForAll @Size(max = 300) List<@IntRange(min = 1, max = 600) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 5000) int maxTokens,
      @ForAll @DoubleRange(min = 0, max = 0.9) double share) {
    int[] rows = lengths.stream().mapToInt(Integer::intValue).toArray();
    List<int[]> plan = planner(maxTokens, share, Long.MAX_VALUE).plan(rows);
    int[] seen = plan.stream().flatMapToInt(Arrays::stream).sorted().toArray();
    assertTrue(Arrays.equals(IntStream.range(0, rows.length).toArray(), seen));
  }

  @Property
  void batchesOfSeveralRowsKeepEveryLimit(
      @ForAll @Size(max = 300) List<@IntRange(min = 1, max = 600) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 5000) int maxTokens,
      @ForAll @DoubleRange(min = 0, max = 0.9) double share,
      @ForAll @IntRange(min = 1, max = 100_000) int maxBytes) {
    int[] rows = lengths.stream().mapToInt(Integer::intValue).toArray();
    for (int[] batch : planner(maxTokens, share, maxBytes).plan(rows)) {
      long longest = Arrays.stream(batch).map(row -> rows[row]).max().orElseThrow();
      long padded = longest * batch.length;
      long real = Arrays.stream(batch).mapToLong(row -> rows[row]).sum();
      if (batch.length > 1) {
        assertTrue(padded <= maxTokens, () -> padded + " tokens");
        assertTrue(padded - real <= share * padded, () -> padded - real + " of padding");
        assertTrue(10 * padded <= maxBytes, () -> 10 * padded + " bytes");
      }
    }
  }

  @Property
  void longestFirst(@ForAll @Size(max = 100) List<@IntRange(min = 1, max = 600) Integer> lengths) {
    int[] rows = lengths.stream().mapToInt(Integer::intValue).toArray();
    int[] order =
        planner(512, 0.05, Long.MAX_VALUE).plan(rows).stream()
            .flatMapToInt(Arrays::stream)
            .map(row -> rows[row])
            .toArray();
    int[] sorted = rows.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < order.length; i++) {
      assertEquals(sorted[sorted.length - 1 - i], order[i]);
    }
  }

  private static BatchPlanner planner(int maxTokens, double share, long maxBytes) {
    return new BatchPlanner(maxTokens, share, (n, longest) -> 10L * n * longest, maxBytes);
  }
}
