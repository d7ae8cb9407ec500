package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.BackendException;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** On a fake device whose clock runs as told. */
class CalibrationTest {
  private final AtomicLong clock = new AtomicLong();

  /**
   * A device.
   *
   * @param nanos that a call of so many tokens takes
   * @param memory tokens above which it fails
   */
  private FakeRunner device(LongUnaryOperator nanos, long memory) {
    return new FakeRunner(
        (batch, deadline) -> {
          long tokens = tokens(batch);
          if (tokens > memory) {
            throw new BackendException("cannot allocate", true);
          }
          clock.addAndGet(nanos.applyAsLong(tokens));
        },
        -1);
  }

  private static long tokens(TokenBatch batch) {
    return (long) batch.rows().size() * batch.longest();
  }

  private long calibrated(FakeRunner device, long most, Duration patience) {
    return new Calibration("role", 100, 1000, most, patience, clock::get).batchTokens(device);
  }

  @Test
  void theSmallestCallThatIsNearlyTheFastestIsTaken() {
    // A fixed cost of 4,000 tokens' time: 8,000 reach 67 %, 64,000 94 %, 128,000 97 % of the peak.
    FakeRunner device = device(tokens -> 4_000 + tokens, Long.MAX_VALUE);
    assertEquals(64_000, calibrated(device, 1 << 20, Duration.ofDays(1)));
  }

  @Test
  void doublingEndsWhereItGainsNothing() {
    FakeRunner device = device(tokens -> 1_000 * tokens, Long.MAX_VALUE);
    assertEquals(1000, calibrated(device, 1 << 20, Duration.ofDays(1)));
    assertEquals(4000, device.batches.stream().mapToLong(CalibrationTest::tokens).max().orElse(0));
  }

  @Test
  void memoryEndsIt() {
    FakeRunner device = device(tokens -> 1_000_000, 5_000);
    assertEquals(4000, calibrated(device, 1 << 20, Duration.ofDays(1)));
  }

  @Test
  void patienceEndsIt() {
    FakeRunner device = device(tokens -> 1_000_000_000, Long.MAX_VALUE);
    assertEquals(2000, calibrated(device, 1 << 20, Duration.ofSeconds(3)));
  }

  @Test
  void theLargestCallIsKept() {
    FakeRunner device = device(tokens -> 1_000_000, Long.MAX_VALUE);
    assertEquals(8000, calibrated(device, 8_000, Duration.ofDays(1)));
  }

  @Test
  void aDeviceWithoutMemoryForTheSmallestSaysSo() {
    FakeRunner device = device(tokens -> 1, 10);
    assertThrows(BackendException.class, () -> calibrated(device, 8_000, Duration.ofDays(1)));
  }
}
