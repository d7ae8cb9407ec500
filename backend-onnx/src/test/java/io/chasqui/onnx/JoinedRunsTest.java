package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JoinedRunsTest {
  private static final int POISON = 666;

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void endCallers() {
    gate.countDown();
    callers.shutdownNow();
  }

  private static JoinedRuns.Limits limits(long slots, Duration delay) {
    return new JoinedRuns.Limits(slots, (rows, longest) -> 0, Long.MAX_VALUE, delay);
  }

  private static JoinedRuns over(JoiningFake fake, long slots) {
    return new JoinedRuns(fake, "joined", 1, limits(slots, Duration.ZERO));
  }

  private static TokenBatch batch(String role, int rows, int tokens, int id) {
    List<int[]> ids = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int[] row = new int[tokens];
      Arrays.fill(row, id);
      ids.add(row);
    }
    return new TokenBatch(role, ids, 0);
  }

  /** The first run waits until the gate opens; others join meanwhile. */
  private JoiningFake gated(boolean joinsRoles) {
    return new JoiningFake(
        joinsRoles,
        (batches, deadline) -> {
          started.countDown();
          gate.await();
        });
  }

  private CompletableFuture<float[]> call(JoinedRuns runs, TokenBatch batch) {
    return CompletableFuture.supplyAsync(() -> runs.run(batch, Deadline.none()), callers);
  }

  /** Calls and waits until the call is queued behind the one that runs. */
  private CompletableFuture<float[]> queued(JoinedRuns runs, TokenBatch batch, int queuedAfter)
      throws InterruptedException {
    CompletableFuture<float[]> call = call(runs, batch);
    while (runs.waiting() < queuedAfter) {
      Thread.sleep(1);
    }
    return call;
  }

  private static void assertRows(TokenBatch batch, float[] found) {
    float[] expected = new float[batch.rows().size() * FakeRunner.WIDTH];
    for (int i = 0; i < batch.rows().size(); i++) {
      float[] row = FakeRunner.expected(batch.rows().get(i));
      System.arraycopy(row, 0, expected, i * FakeRunner.WIDTH, FakeRunner.WIDTH);
    }
    assertArrayEquals(expected, found);
  }

  @Test
  void whatWaitsWhileTheDeviceIsBusyRunsAsOne() throws Exception {
    JoiningFake fake = gated(true);
    try (JoinedRuns runs = over(fake, 1000)) {
      TokenBatch first = batch("a", 1, 10, 1);
      CompletableFuture<float[]> running = call(runs, first);
      started.await();
      List<TokenBatch> batches =
          List.of(batch("a", 2, 10, 2), batch("b", 1, 9, 3), batch("a", 1, 12, 4));
      List<CompletableFuture<float[]>> calls = new ArrayList<>();
      for (TokenBatch each : batches) {
        calls.add(queued(runs, each, calls.size() + 1));
      }
      gate.countDown();
      assertRows(first, running.get());
      for (int i = 0; i < calls.size(); i++) {
        assertRows(batches.get(i), calls.get(i).get());
      }
      assertEquals(List.of(List.of(first), batches), fake.runs);
    }
  }

  @Test
  void rolesRunApartWhereTheModelCannotMixThem() throws Exception {
    JoiningFake fake = gated(false);
    try (JoinedRuns runs = over(fake, 1000)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch a = batch("a", 1, 10, 2);
      TokenBatch b = batch("b", 1, 10, 3);
      TokenBatch laterA = batch("a", 1, 10, 4);
      CompletableFuture<float[]> callA = queued(runs, a, 1);
      CompletableFuture<float[]> callB = queued(runs, b, 2);
      CompletableFuture<float[]> callLater = queued(runs, laterA, 3);
      gate.countDown();
      CompletableFuture.allOf(running, callA, callB, callLater).get();
      assertEquals(List.of(List.of(a, laterA), List.of(b)), fake.runs.subList(1, 3));
    }
  }

  @Test
  void shortRowsAreNotBlownUpByALongOne() throws Exception {
    JoiningFake fake = gated(true);
    try (JoinedRuns runs = over(fake, 100)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch longRow = batch("a", 1, 30, 2);
      TokenBatch shortRow = batch("a", 1, 2, 3); // 60 slots for 32 tokens
      TokenBatch another = batch("a", 1, 2, 4); // 90 for 34
      List<CompletableFuture<float[]>> calls = new ArrayList<>();
      for (TokenBatch each : List.of(longRow, shortRow, another)) {
        calls.add(queued(runs, each, calls.size() + 1));
      }
      gate.countDown();
      running.get();
      for (CompletableFuture<float[]> each : calls) {
        each.get();
      }
      assertEquals(List.of(List.of(longRow, shortRow), List.of(another)), fake.runs.subList(1, 3));
    }
  }

  @Test
  void nothingIsJoinedBeyondTheLimits() throws Exception {
    JoiningFake fake = gated(true);
    try (JoinedRuns runs = over(fake, 100)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch most = batch("a", 8, 10, 2);
      TokenBatch tooMany = batch("a", 3, 10, 3); // 11 rows of 10
      TokenBatch fits = batch("a", 2, 10, 4); // 10 rows of 10
      TokenBatch large = batch("a", 1, 300, 5); // more than the limit by itself
      TokenBatch longRow = batch("a", 1, 50, 6);
      TokenBatch shortRow = batch("a", 1, 2, 7);
      TokenBatch alsoShort = batch("a", 1, 2, 8);
      List<CompletableFuture<float[]>> calls = new ArrayList<>();
      for (TokenBatch each : List.of(most, tooMany, fits, large, longRow, shortRow, alsoShort)) {
        calls.add(queued(runs, each, calls.size() + 1));
      }
      gate.countDown();
      running.get();
      for (CompletableFuture<float[]> each : calls) {
        each.get();
      }
      assertEquals(
          List.of(
              List.of(most, fits),
              List.of(tooMany, shortRow, alsoShort),
              List.of(large),
              List.of(longRow)),
          fake.runs.subList(1, fake.runs.size()));
    }
  }

  @Test
  void bytesAreLimitedToo() throws Exception {
    JoiningFake fake = gated(true);
    JoinedRuns.Limits limits =
        new JoinedRuns.Limits(
            1000, (rows, longest) -> (long) rows * longest * 10, 250, Duration.ZERO);
    try (JoinedRuns runs = new JoinedRuns(fake, "joined", 1, limits)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      List<CompletableFuture<float[]>> calls = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        calls.add(queued(runs, batch("a", 1, 10, i), i + 1));
      }
      gate.countDown();
      running.get();
      for (CompletableFuture<float[]> each : calls) {
        each.get();
      }
      assertEquals(List.of(1, 2, 2, 1), fake.runs.stream().map(List::size).toList());
    }
  }

  @Test
  void aFailureIsItsOwnersAlone() throws Exception {
    JoiningFake fake =
        new JoiningFake(
            true,
            (batches, deadline) -> {
              started.countDown();
              gate.await();
              if (batches.stream().anyMatch(batch -> batch.rows().get(0)[0] == POISON)) {
                throw new BackendException("poisoned", false);
              }
            });
    try (JoinedRuns runs = over(fake, 1000)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch good = batch("a", 1, 10, 2);
      CompletableFuture<float[]> goodCall = queued(runs, good, 1);
      CompletableFuture<float[]> badCall = queued(runs, batch("a", 1, 10, POISON), 2);
      gate.countDown();
      running.get();
      assertRows(good, goodCall.get());
      ExecutionException e = assertThrows(ExecutionException.class, badCall::get);
      assertEquals("poisoned", assertInstanceOf(BackendException.class, e.getCause()).getMessage());
    }
  }

  @Test
  void memoryThatEndsInCompanyIsTriedAlone() throws Exception {
    JoiningFake fake =
        new JoiningFake(
            true,
            (batches, deadline) -> {
              started.countDown();
              gate.await();
              if (JoiningFake.slots(batches) > 20) {
                throw new BackendException("cannot allocate", true);
              }
            });
    try (JoinedRuns runs = over(fake, 1000)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      List<CompletableFuture<float[]>> calls = new ArrayList<>();
      List<TokenBatch> batches = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        batches.add(batch("a", 1, 10, i + 2));
        calls.add(queued(runs, batches.get(i), i + 1));
      }
      gate.countDown();
      running.get();
      for (int i = 0; i < 4; i++) {
        assertRows(batches.get(i), calls.get(i).get());
      }
      assertEquals(List.of(1, 4, 1, 1, 1, 1), fake.runs.stream().map(List::size).toList());
    }
  }

  @Test
  void whoIsLateLeavesTheOthersAlone() throws Exception {
    JoiningFake fake = gated(true);
    try (JoinedRuns runs = over(fake, 1000)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch patient = batch("a", 1, 10, 2);
      CompletableFuture<float[]> patientCall = queued(runs, patient, 1);
      assertThrows(
          DeadlineExceededException.class,
          () -> runs.run(batch("a", 1, 10, 3), Deadline.after(Duration.ofMillis(20))));
      assertEquals(1, runs.waiting());
      gate.countDown();
      running.get();
      assertRows(patient, patientCall.get());
      assertEquals(List.of(patient), fake.runs.get(1));
    }
  }

  @Test
  void oneOfTwoLeavesWhileTheyRunTogether() throws Exception {
    CountDownLatch together = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger interrupts = new AtomicInteger();
    JoiningFake fake =
        new JoiningFake(
            true,
            (batches, deadline) -> {
              started.countDown();
              gate.await();
              if (batches.size() == 2) {
                together.countDown();
                try {
                  end.await();
                } catch (InterruptedException e) {
                  interrupts.incrementAndGet();
                  throw e;
                }
              }
            });
    try (JoinedRuns runs = over(fake, 1000)) {
      CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
      started.await();
      TokenBatch patient = batch("a", 1, 10, 2);
      CompletableFuture<float[]> patientCall = queued(runs, patient, 1);
      Thread hasty = new Thread(() -> expectStopped(runs, batch("a", 1, 10, 3)));
      hasty.start();
      while (runs.waiting() < 2) {
        Thread.sleep(1);
      }
      gate.countDown();
      together.await();
      hasty.interrupt();
      hasty.join(); // it does not wait for the others' run
      end.countDown();
      running.get();
      assertRows(patient, patientCall.get());
      assertEquals(0, interrupts.get());
    }
  }

  private static void expectStopped(JoinedRuns runs, TokenBatch batch) {
    assertThrows(DeadlineExceededException.class, () -> runs.run(batch, Deadline.none()));
  }

  @Test
  void aRunThatNobodyWaitsForIsStopped() throws Exception {
    AtomicInteger stopped = new AtomicInteger();
    JoiningFake fake =
        new JoiningFake(
            true,
            (batches, deadline) -> {
              if (batches.get(0).rows().get(0)[0] != POISON) {
                Thread.sleep(1); // throws if it is interrupted
                return;
              }
              started.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                stopped.incrementAndGet();
                throw e;
              }
            });
    try (JoinedRuns runs = over(fake, 1000)) {
      AtomicReference<Throwable> seen = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  runs.run(batch("a", 1, 10, POISON), Deadline.none());
                } catch (DeadlineExceededException e) {
                  seen.set(e);
                }
              });
      caller.start();
      started.await();
      caller.interrupt();
      caller.join();
      assertInstanceOf(DeadlineExceededException.class, seen.get());
      assertEquals(1, stopped.get());
      TokenBatch next = batch("a", 1, 10, 5);
      assertRows(next, runs.run(next, Deadline.none())); // the interrupt did not reach it
    }
  }

  @Test
  void aLoneCallWaitsForCompanyNoLongerThanTold() throws Exception {
    JoiningFake fake = new JoiningFake(true, (batches, deadline) -> {});
    Duration delay = Duration.ofMillis(300);
    try (JoinedRuns runs = new JoinedRuns(fake, "joined", 1, limits(1000, delay))) {
      long start = System.nanoTime();
      CompletableFuture<float[]> one = queued(runs, batch("a", 1, 10, 1), 1);
      CompletableFuture<float[]> two = call(runs, batch("a", 1, 10, 2));
      CompletableFuture.allOf(one, two).get();
      long took = System.nanoTime() - start;
      assertEquals(1, fake.runs.size());
      assertTrue(took >= delay.toNanos(), "took " + took);
      start = System.nanoTime();
      runs.run(batch("a", 100, 10, 1), Deadline.none()); // full: there is nothing to wait for
      assertTrue(System.nanoTime() - start < delay.toNanos());
    }
  }

  @Test
  void closingRunsWhatWaitsAndRefusesTheRest() throws Exception {
    JoiningFake fake = gated(true);
    JoinedRuns runs = over(fake, 1000);
    CompletableFuture<float[]> running = call(runs, batch("a", 1, 10, 1));
    started.await();
    TokenBatch waiting = batch("a", 1, 10, 2);
    CompletableFuture<float[]> waitingCall = queued(runs, waiting, 1);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(runs::close, callers);
    while (!runs.isClosed()) {
      Thread.sleep(1);
    }
    assertThrows(
        IllegalStateException.class, () -> runs.run(batch("a", 1, 10, 3), Deadline.none()));
    assertEquals(0, fake.answers.closed.get());
    gate.countDown();
    closing.get(10, TimeUnit.SECONDS);
    running.get();
    assertRows(waiting, waitingCall.get());
    assertEquals(1, fake.answers.closed.get());
  }

  @Test
  void underLoadEachGetsItsOwnRowsOrItsOwnFailure() throws Exception {
    AtomicInteger joined = new AtomicInteger();
    JoiningFake fake =
        new JoiningFake(
            true,
            (batches, deadline) -> {
              joined.addAndGet(batches.size() - 1);
              if (batches.stream().anyMatch(batch -> batch.rows().get(0)[0] == POISON)) {
                throw new BackendException("poisoned", false);
              }
              if (JoiningFake.slots(batches) > 60) {
                throw new BackendException("cannot allocate", true);
              }
              Thread.sleep(0, 200_000);
            });
    JoinedRuns.Limits limits = limits(100, Duration.ofNanos(100_000));
    try (JoinedRuns runs = new JoinedRuns(fake, "joined", 2, limits)) {
      List<CompletableFuture<Integer>> threads = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        Random random = new Random(thread);
        threads.add(CompletableFuture.supplyAsync(() -> load(runs, random), callers));
      }
      int late = 0;
      for (CompletableFuture<Integer> thread : threads) {
        late += thread.get();
      }
      assertTrue(joined.get() > 100, "joined " + joined);
      assertTrue(late > 0 && late < 400, "late " + late);
      assertEquals(0, runs.waiting());
    }
  }

  /** 200 calls; how many of them were late. */
  private static int load(JoinedRuns runs, Random random) {
    int late = 0;
    for (int i = 0; i < 200; i++) {
      boolean bad = random.nextInt(20) == 0;
      boolean hurried = random.nextInt(20) == 0;
      TokenBatch batch =
          batch(
              random.nextBoolean() ? "a" : "b",
              1 + random.nextInt(2),
              1 + random.nextInt(20),
              bad ? POISON : random.nextInt(600));
      Deadline deadline =
          hurried
              ? Deadline.after(Duration.ofNanos(50_000))
              : Deadline.after(Duration.ofMinutes(1));
      try {
        assertRows(batch, runs.run(batch, deadline));
        assertTrue(!bad, "a poisoned batch was answered");
      } catch (DeadlineExceededException e) {
        assertTrue(hurried, "late without hurry");
        late++;
      } catch (BackendException e) {
        assertTrue(bad, e.getMessage());
      } catch (CompletionException e) {
        throw new AssertionError(e);
      }
    }
    return late;
  }
}
