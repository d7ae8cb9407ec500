package io.chasqui.onnx;

import static io.chasqui.onnx.JoinedCallers.POISON;
import static io.chasqui.onnx.JoinedCallers.assertRows;
import static io.chasqui.onnx.JoinedCallers.batch;
import static io.chasqui.onnx.JoinedCallers.limits;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that fail, leave or come too late, and the company that they had. */
@Timeout(60)
class JoinedRunsTroubleTest {
  @Test
  void aFailureIsItsOwnersAlone() throws Exception {
    try (JoinedCallers callers =
        new JoinedCallers(
            true,
            limits(1000, Duration.ZERO),
            (batches, deadline) -> {
              if (batches.stream().anyMatch(batch -> batch.rows().get(0)[0] == POISON)) {
                throw new BackendException("poisoned", false);
              }
            })) {
      TokenBatch good = batch("a", 1, 10, 2);
      CompletableFuture<float[]> goodCall = callers.queue(good);
      CompletableFuture<float[]> badCall = callers.queue(batch("a", 1, 10, POISON));
      callers.open();
      assertRows(good, goodCall.get());
      ExecutionException e = assertThrows(ExecutionException.class, badCall::get);
      assertEquals("poisoned", assertInstanceOf(BackendException.class, e.getCause()).getMessage());
    }
  }

  @Test
  void whoIsLateLeavesTheOthersAlone() throws Exception {
    try (JoinedCallers callers = JoinedCallers.ofSlots(1000)) {
      TokenBatch patient = batch("a", 1, 10, 2);
      CompletableFuture<float[]> patientCall = callers.queue(patient);
      assertThrows(
          DeadlineExceededException.class,
          () -> callers.runs.run(batch("a", 1, 10, 3), Deadline.after(Duration.ofMillis(20))));
      assertEquals(1, callers.runs.waiting());
      callers.open();
      assertRows(patient, patientCall.get());
      assertEquals(List.of(List.of(patient)), callers.joined());
    }
  }

  @Test
  void oneOfTwoLeavesWhileTheyRunTogether() throws Exception {
    CountDownLatch together = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger interrupts = new AtomicInteger();
    try (JoinedCallers callers =
        new JoinedCallers(
            true,
            limits(1000, Duration.ZERO),
            (batches, deadline) -> {
              if (batches.size() == 2) {
                together.countDown();
                try {
                  end.await();
                } catch (InterruptedException e) {
                  interrupts.incrementAndGet();
                  throw e;
                }
              }
            })) {
      TokenBatch patient = batch("a", 1, 10, 2);
      CompletableFuture<float[]> patientCall = callers.queue(patient);
      AtomicReference<Throwable> seen = new AtomicReference<>();
      Thread hasty = caller(callers, batch("a", 1, 10, 3), seen);
      callers.awaitWaiting(2);
      callers.open();
      together.await();
      hasty.interrupt();
      hasty.join(); // it does not wait for the others' run
      assertInstanceOf(DeadlineExceededException.class, seen.get());
      end.countDown();
      assertRows(patient, patientCall.get());
      assertEquals(0, interrupts.get());
    }
  }

  @Test
  void aRunThatNobodyWaitsForIsStopped() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger stopped = new AtomicInteger();
    try (JoinedCallers callers =
        new JoinedCallers(
            true,
            limits(1000, Duration.ZERO),
            (batches, deadline) -> {
              if (batches.get(0).rows().get(0)[0] != POISON) {
                Thread.sleep(1); // throws if it is interrupted
                return;
              }
              started.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                stopped.incrementAndGet();
                throw e;
              }
            })) {
      callers.open();
      AtomicReference<Throwable> seen = new AtomicReference<>();
      Thread caller = caller(callers, batch("a", 1, 10, POISON), seen);
      started.await();
      caller.interrupt();
      caller.join();
      assertInstanceOf(DeadlineExceededException.class, seen.get());
      assertEquals(1, stopped.get());
      TokenBatch next = batch("a", 1, 10, 5);
      assertRows(next, callers.runs.run(next, Deadline.none())); // the interrupt did not reach it
    }
  }

  /** A thread that calls, and keeps what the call throws. */
  private static Thread caller(
      JoinedCallers callers, TokenBatch batch, AtomicReference<Throwable> seen) {
    Thread thread =
        new Thread(
            () -> {
              try {
                float[] unused = callers.runs.run(batch, Deadline.none());
              } catch (DeadlineExceededException e) {
                seen.set(e);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void closingRunsWhatWaitsAndRefusesTheRest() throws Exception {
    try (JoinedCallers callers = JoinedCallers.ofSlots(1000)) {
      TokenBatch waiting = batch("a", 1, 10, 2);
      CompletableFuture<float[]> waitingCall = callers.queue(waiting);
      CompletableFuture<Void> closing = CompletableFuture.runAsync(callers.runs::close);
      while (!callers.runs.isClosed()) {
        Thread.sleep(1);
      }
      assertThrows(
          IllegalStateException.class,
          () -> callers.runs.run(batch("a", 1, 10, 3), Deadline.none()));
      assertEquals(0, callers.fake.answers.closed.get());
      callers.open();
      closing.get(10, TimeUnit.SECONDS);
      assertRows(waiting, waitingCall.get());
      assertEquals(1, callers.fake.answers.closed.get());
    }
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
    ExecutorService callers = Executors.newCachedThreadPool();
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
    } finally {
      callers.shutdownNow();
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
