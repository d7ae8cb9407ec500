package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  @Test
  void noDeadlineNeverPasses() {
    assertEquals(Optional.empty(), Deadline.none().remaining());
    assertFalse(Deadline.none().hasPassed());
    assertDoesNotThrow(() -> Deadline.none().check("anything"));
    assertEquals("Deadline[none]", Deadline.none().toString());
  }

  @Test
  void aFarDeadlineHasTimeLeft() {
    Duration left = Deadline.after(Duration.ofHours(1)).remaining().orElseThrow();
    assertTrue(
        left.compareTo(Duration.ofHours(1)) <= 0 && left.compareTo(Duration.ofMinutes(50)) > 0);
    assertFalse(Deadline.after(Duration.ofSeconds(Long.MAX_VALUE)).hasPassed());
  }

  @Test
  void aPassedDeadlineSaysWhatItStopped() {
    Deadline passed = Deadline.after(Duration.ZERO);
    assertTrue(passed.hasPassed());
    assertEquals(Optional.of(Duration.ZERO), passed.remaining());
    var error = assertThrows(DeadlineExceededException.class, () -> passed.check("scoring"));
    assertEquals("deadline passed before scoring", error.getMessage());
    assertTrue(error.retryable());
    assertThrows(IllegalArgumentException.class, () -> Deadline.after(Duration.ofNanos(-1)));
  }

  @Test
  void anInterruptIsNoticedAndKept() {
    Thread.currentThread().interrupt();
    var error =
        assertThrows(DeadlineExceededException.class, () -> Deadline.none().check("scoring"));
    assertEquals("interrupted before scoring", error.getMessage());
    assertTrue(Thread.interrupted());
  }
}
