package io.chasqui.onnx;

import static io.chasqui.onnx.JoinedCallers.batch;
import static io.chasqui.onnx.JoinedCallers.limits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which calls run together. */
@Timeout(60)
class JoinedRunsTest {
  @Test
  void whatWaitsWhileTheDeviceIsBusyRunsAsOne() throws Exception {
    List<TokenBatch> batches =
        List.of(batch("a", 2, 10, 2), batch("b", 1, 9, 3), batch("a", 1, 12, 4));
    try (JoinedCallers callers = JoinedCallers.ofSlots(1000)) {
      callers.queueAndAnswer(batches);
      assertEquals(List.of(batches), callers.joined());
    }
  }

  @Test
  void rolesRunApartWhereTheModelCannotMixThem() throws Exception {
    TokenBatch a = batch("a", 1, 10, 2);
    TokenBatch b = batch("b", 1, 10, 3);
    TokenBatch laterA = batch("a", 1, 10, 4);
    try (JoinedCallers callers =
        new JoinedCallers(false, limits(1000, Duration.ZERO), (batches, deadline) -> {})) {
      callers.queueAndAnswer(List.of(a, b, laterA));
      assertEquals(List.of(List.of(a, laterA), List.of(b)), callers.joined());
    }
  }

  @Test
  void shortRowsAreNotBlownUpByALongOne() throws Exception {
    TokenBatch longRow = batch("a", 1, 30, 2);
    TokenBatch shortRow = batch("a", 1, 2, 3); // 60 slots for 32 tokens
    TokenBatch another = batch("a", 1, 2, 4); // 90 for 34
    try (JoinedCallers callers = JoinedCallers.ofSlots(100)) {
      callers.queueAndAnswer(List.of(longRow, shortRow, another));
      assertEquals(List.of(List.of(longRow, shortRow), List.of(another)), callers.joined());
    }
  }

  @Test
  void nothingIsJoinedBeyondTheLimits() throws Exception {
    TokenBatch most = batch("a", 8, 10, 2);
    TokenBatch tooMany = batch("a", 3, 10, 3); // 11 rows of 10
    TokenBatch fits = batch("a", 2, 10, 4); // 10 rows of 10
    TokenBatch large = batch("a", 1, 300, 5); // more than the limit by itself
    try (JoinedCallers callers = JoinedCallers.ofSlots(100)) {
      callers.queueAndAnswer(List.of(most, tooMany, fits, large));
      assertEquals(
          List.of(List.of(most, fits), List.of(tooMany), List.of(large)), callers.joined());
    }
  }

  @Test
  void bytesAreLimitedToo() throws Exception {
    JoinedRuns.Limits limits =
        new JoinedRuns.Limits(
            1000, (rows, longest) -> (long) rows * longest * 10, 250, Duration.ZERO);
    try (JoinedCallers callers = new JoinedCallers(true, limits, (batches, deadline) -> {})) {
      callers.queueAndAnswer(IntStream.range(0, 5).mapToObj(i -> batch("a", 1, 10, i)).toList());
      assertEquals(List.of(2, 2, 1), callers.joined().stream().map(List::size).toList());
    }
  }

  @Test
  void memoryThatEndsInCompanyIsTriedAlone() throws Exception {
    try (JoinedCallers callers =
        new JoinedCallers(
            true,
            limits(1000, Duration.ZERO),
            (batches, deadline) -> {
              if (JoiningFake.slots(batches) > 20) {
                throw new BackendException("cannot allocate", true);
              }
            })) {
      callers.queueAndAnswer(IntStream.range(2, 6).mapToObj(i -> batch("a", 1, 10, i)).toList());
      assertEquals(List.of(4, 1, 1, 1, 1), callers.joined().stream().map(List::size).toList());
    }
  }

  @Test
  void aLoneCallWaitsForCompanyNoLongerThanTold() throws Exception {
    Duration delay = Duration.ofMillis(300);
    try (JoinedCallers callers =
        new JoinedCallers(true, limits(1000, delay), (batches, deadline) -> {})) {
      callers.open();
      long start = System.nanoTime();
      CompletableFuture<float[]> one = callers.queue(batch("a", 1, 10, 1));
      CompletableFuture<float[]> two = callers.call(batch("a", 1, 10, 2));
      CompletableFuture.allOf(one, two).get();
      long took = System.nanoTime() - start;
      assertEquals(1, callers.joined().size());
      assertTrue(took >= delay.toNanos(), "took " + took);
      start = System.nanoTime();
      float[] unused =
          callers.runs.run(batch("a", 100, 10, 1), Deadline.none()); // full: nothing to wait for
      assertTrue(System.nanoTime() - start < delay.toNanos());
    }
  }
}
