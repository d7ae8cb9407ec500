package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SchedulerProperties {
  @Property(tries = 300)
  void rowsComeBackInTheOrderOfTheTextsWhateverTheBudget(
      @ForAll @Size(max = 400) List<@IntRange(min = 1, max = 200) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 1000) int maxTokens,
      @ForAll @IntRange(min = 1, max = 4) int threads) {
    FakeRunner runner = FakeRunner.healthy();
    check(lengths, maxTokens, threads, runner);
    assertEquals(lengths.size(), runner.rowsSeen().size());
    int[] texts = runner.rowsSeen().stream().mapToInt(ids -> ids[0]).sorted().toArray();
    assertArrayEquals(IntStream.range(0, lengths.size()).toArray(), texts);
    assertTrue(runner.mostRunning.get() <= threads);
  }

  @Property(tries = 300)
  void runningOutOfMemoryChangesNothing(
      @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 200) Integer> lengths,
      @ForAll @IntRange(min = 200, max = 600) int memory,
      @ForAll @IntRange(min = 1, max = 4) int threads) {
    check(lengths, 5000, threads, FakeRunner.withMemoryFor(memory));
  }

  private static void check(List<Integer> lengths, int maxTokens, int threads, FakeRunner runner) {
    try (RunQueue queue = new RunQueue("test", threads)) {
      BatchScheduler scheduler = Schedulers.over(runner, queue, maxTokens);
      FakeInputs inputs = new FakeInputs(lengths);
      BatchScheduler.Rows rows = scheduler.run("any", inputs, Deadline.none());
      for (int i = 0; i < lengths.size(); i++) {
        float[] row =
            Arrays.copyOfRange(rows.values(), i * FakeRunner.WIDTH, (i + 1) * FakeRunner.WIDTH);
        assertArrayEquals(FakeRunner.expected(FakeInputs.ids(i, lengths.get(i))), row);
        assertEquals(i % 7 == 3, rows.truncated().get(i));
      }
      assertTrue(rows.failures().isEmpty());
    }
  }
}
