package io.chasqui.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LeaseTest {
  private final Lease lease = new Lease("tokenizer of models/a");

  @Test
  void givesWhatTheCallGivesAndThrowsWhatItThrows() {
    assertEquals(7, lease.<Integer, RuntimeException>during(() -> 7));
    Lease.Use<Integer, IOException> failing =
        () -> {
          throw new IOException("disk");
        };
    assertEquals("disk", assertThrows(IOException.class, () -> lease.during(failing)).getMessage());
    AtomicInteger released = new AtomicInteger();
    lease.close(released::incrementAndGet); // would hang had the failure kept its place
    assertEquals(1, released.get());
  }

  @Test
  void refusesCallsAfterCloseAndNamesTheHandle() {
    AtomicInteger released = new AtomicInteger();
    lease.close(released::incrementAndGet);
    lease.close(released::incrementAndGet);
    assertEquals(1, released.get());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> lease.during(() -> 1));
    assertEquals("tokenizer of models/a is closed", e.getMessage());
  }

  @Test
  void aCallMayNotCloseWhatItUses() {
    AtomicInteger released = new AtomicInteger();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                lease.during(
                    () -> {
                      lease.close(released::incrementAndGet);
                      return 0;
                    }));
    assertTrue(e.getMessage().startsWith("tokenizer of models/a"), e.getMessage());
    assertEquals(0, released.get());
    assertEquals(1, lease.<Integer, RuntimeException>during(() -> 1)); // still open
  }

  @Test
  void closeWaitsForTheCallInFlightAndRefusesOthersMeanwhile() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> call =
        CompletableFuture.runAsync(
            () ->
                lease.during(
                    () -> {
                      inside.countDown();
                      awaitQuietly(leave);
                      over.set(true);
                      return 0;
                    }));
    inside.await();
    AtomicBoolean overAtRelease = new AtomicBoolean();
    CompletableFuture<Void> close =
        CompletableFuture.runAsync(() -> lease.close(() -> overAtRelease.set(over.get())));
    while (!lease.isClosed()) {
      Thread.onSpinWait();
    }
    assertThrows(IllegalStateException.class, () -> lease.during(() -> 1));
    assertFalse(close.isDone());
    leave.countDown();
    call.get(10, TimeUnit.SECONDS);
    close.get(10, TimeUnit.SECONDS);
    assertTrue(overAtRelease.get());
  }

  @Test
  void anInterruptedCloserStillWaitsAndKeepsItsFlag() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    CompletableFuture<Void> call =
        CompletableFuture.runAsync(
            () ->
                lease.during(
                    () -> {
                      inside.countDown();
                      awaitQuietly(leave);
                      return 0;
                    }));
    inside.await();
    AtomicBoolean flag = new AtomicBoolean();
    AtomicBoolean doneAtRelease = new AtomicBoolean();
    Thread closer =
        new Thread(
            () -> {
              lease.close(() -> doneAtRelease.set(leave.getCount() == 0));
              flag.set(Thread.currentThread().isInterrupted());
            });
    closer.start();
    while (!lease.isClosed()) {
      Thread.onSpinWait();
    }
    closer.interrupt();
    leave.countDown();
    call.get(10, TimeUnit.SECONDS);
    closer.join(10_000);
    assertTrue(flag.get());
    assertTrue(doneAtRelease.get());
  }

  @Test
  void manyThreadsNeverUseWhatIsReleased() throws Exception {
    for (int round = 0; round < 200; round++) {
      Lease contested = new Lease("round " + round);
      AtomicBoolean released = new AtomicBoolean();
      AtomicInteger violations = new AtomicInteger();
      List<CompletableFuture<Void>> users = new ArrayList<>();
      CountDownLatch start = new CountDownLatch(1);
      for (int t = 0; t < 4; t++) {
        users.add(
            CompletableFuture.runAsync(
                () -> {
                  awaitQuietly(start);
                  while (true) {
                    try {
                      contested.during(() -> released.get() ? violations.incrementAndGet() : 0);
                    } catch (IllegalStateException closed) {
                      return;
                    }
                  }
                },
                task -> new Thread(task).start()));
      }
      start.countDown();
      contested.close(() -> released.set(true));
      for (CompletableFuture<Void> user : users) {
        user.get(10, TimeUnit.SECONDS);
      }
      assertEquals(0, violations.get());
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
