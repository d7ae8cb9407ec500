package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds how many tokens a call of a model should have on its device: doubles them until that is no
 * faster, memory runs out or time is up, and takes the smallest call that is nearly the fastest, so
 * that nobody waits longer for a turn than it is worth.
 *
 * @param role that is run
 * @param rowTokens length of each row; a passage's
 * @param least tokens of the first call
 * @param most tokens of a call
 * @param patience for all calls together; the one that runs is not cut short
 * @param clock in nanoseconds
 */
record Calibration(
    String role, int rowTokens, long least, long most, Duration patience, LongSupplier clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Calibration.class);
  private static final int TOKEN = 1; // any that each vocabulary has
  private static final double NEARLY = 0.95; // of the best rate
  private static final int DOUBLINGS_WITHOUT_GAIN = 2;

  /**
   * Tokens of a call.
   *
   * @throws BackendException if the device fails in another way than by running out of memory, or
   *     has none for the smallest call
   */
  long batchTokens(ModelRunner runner) {
    long start = clock.getAsLong();
    SortedMap<Long, Double> rates = new TreeMap<>(); // tokens a second by tokens of a call
    double best = 0;
    int withoutGain = 0;
    for (long tokens = least; tokens <= most; tokens *= 2) {
      double rate;
      try {
        rate = rate(runner, tokens);
      } catch (BackendException e) {
        if (!e.retryable() || rates.isEmpty()) {
          throw e;
        }
        LOG.info("calls of {} tokens run out of memory", tokens);
        break;
      }
      rates.put(tokens, rate);
      withoutGain = rate * NEARLY > best ? 0 : withoutGain + 1;
      best = Math.max(best, rate);
      boolean late = clock.getAsLong() - start > patience.toNanos();
      if (withoutGain == DOUBLINGS_WITHOUT_GAIN || late) {
        break;
      }
    }
    double enough = NEARLY * best;
    long chosen =
        rates.entrySet().stream()
            .filter(rate -> rate.getValue() >= enough)
            .mapToLong(Map.Entry::getKey)
            .findFirst()
            .orElse(least);
    LOG.info("calls of {} tokens; tokens a second by tokens of a call: {}", chosen, rates);
    return chosen;
  }

  /** Tokens a second of the second of two equal calls; the first prepares kernels and memory. */
  private double rate(ModelRunner runner, long tokens) {
    int rows = Math.toIntExact(Math.max(1, tokens / rowTokens));
    int[] row = new int[rowTokens];
    Arrays.fill(row, TOKEN);
    TokenBatch batch = new TokenBatch(role, Collections.nCopies(rows, row), 0);
    float[] unused = runner.run(batch, Deadline.none());
    long start = clock.getAsLong();
    unused = runner.run(batch, Deadline.none());
    return (double) rows * rowTokens / Math.max(1, clock.getAsLong() - start) * 1e9;
  }
}
