package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lets the first, second, third … operation of each kind fail, until a whole life of an index
 * passes without meeting the fault: nothing acknowledged is lost, and the writer recovers.
 */
class FaultTest {
  private static final Path PLACE = Path.of("index");
  private static final int STEPS = 8;

  @ParameterizedTest
  @EnumSource(MemoryFiles.Operation.class)
  void theNthOperationFails(MemoryFiles.Operation kind) throws IOException {
    int n = 0;
    while (live(kind, n++, false)) {
      assertTrue(n < 5_000, "a life of more than 5,000 operations");
    }
    assertTrue(n > STEPS, kind + " occurs " + (n - 1) + " times only");
  }

  @Test
  void theDiskIsFullFromTheNthByteOn() throws IOException {
    int n = 0;
    while (live(MemoryFiles.Operation.WRITE, n++, true)) {
      assertTrue(n < 5_000, "a life of more than 5,000 operations");
    }
  }

  /**
   * A life in which the n-th operation of a kind fails; whether there were so many.
   *
   * @param full the disk stays full, and takes half of the write, until space is made
   */
  private static boolean live(MemoryFiles.Operation kind, int n, boolean full) throws IOException {
    MemoryFiles disk = new MemoryFiles();
    KillState state = KillState.empty();
    PassageIndex index =
        PassageIndex.create(disk, PLACE, KillState.SPACE, KillState.OPTIONS.withGraphFrom(20));
    disk.failNth(kind, n, full);
    try {
      for (int step = 1; step <= STEPS; step++) {
        KillState after = state.step(step, Optional.of(index));
        try {
          commit(index, step);
        } catch (IOException e) {
          assertTrue((e + " " + e.getCause()).contains("injected"), e.toString());
          // Readers go on, in this handle and in others, with what was acknowledged.
          holds(state, index);
          assertHoldsOneOf(state, after, disk);
          if (full) {
            disk.makeSpace();
          }
          index = recover(index, disk, state, after, step);
        }
        state = after;
        holds(state, index);
      }
    } finally {
      index.close();
    }
    try (PassageIndex again = PassageIndex.open(disk, PLACE)) {
      holds(state, again);
    }
    assertTrue(IndexDoctor.check(disk, PLACE).isHealthy());
    assertFalse(disk.list(PLACE).stream().anyMatch(name -> name.endsWith(".tmp")));
    return disk.hasFailed();
  }

  private static void commit(PassageIndex index, int step) throws IOException {
    if (KillState.compacts(step)) {
      index.compact();
    } else {
      index.commit();
    }
  }

  /** Commits once more; if the writer closed itself, with a new one. The handle to go on with. */
  private static PassageIndex recover(
      PassageIndex index, MemoryFiles disk, KillState before, KillState after, int step)
      throws IOException {
    try {
      commit(index, step);
      return index;
    } catch (IllegalStateException closed) {
      assertTrue(closed.getMessage().contains("open it again to write"), closed.getMessage());
      holds(before, index);
    }
    PassageIndex next = PassageIndex.open(disk, PLACE); // while the reader is still there
    if (next.size() == after.passages().size() && KillState.of(next).equals(after)) {
      next.refresh();
    } else {
      assertEquals(before, KillState.of(next));
      before.step(step, Optional.of(next));
      commit(next, step);
    }
    index.close();
    return next;
  }

  private static void holds(KillState state, PassageIndex index) {
    assertEquals(state, KillState.of(index));
    assertEquals(
        state.passages().size(), index.search(new float[KillState.DIMENSION], 5_000).size());
  }

  private static void assertHoldsOneOf(KillState before, KillState after, MemoryFiles disk)
      throws IOException {
    try (PassageIndex other = PassageIndex.open(disk, PLACE)) {
      KillState found = KillState.of(other);
      if (!found.equals(before) && !found.equals(after)) {
        fail("another reader sees neither what was committed nor what was being committed");
      }
    }
  }
}
