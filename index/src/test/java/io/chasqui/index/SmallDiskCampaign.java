package io.chasqui.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Fills a disk that is really small, by hand:
 *
 * <pre>
 * mount -t tmpfs -o size=8m tmpfs /mnt/small
 * java -cp … io.chasqui.index.SmallDiskCampaign /mnt/small 200
 * </pre>
 *
 * Writes an index until the disk is full, looks whether all that was acknowledged is there, makes a
 * little space, and goes on with the same handle; again and again.
 */
final class SmallDiskCampaign {
  private static final int BALLAST = 64 << 10;
  private static final int BALLASTS = 12;

  private SmallDiskCampaign() {}

  /** Arguments: an empty directory on the small disk, how often the disk is to be full. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Path place = folder.resolve("index");
    int wanted = Integer.parseInt(args[1]);
    int full = 0;
    int step = 1;
    int indexes = 0;
    long acknowledged = 0;
    while (full < wanted) {
      indexes++;
      for (int i = 0; i < BALLASTS; i++) {
        ballast(folder.resolve("ballast" + i));
      }
      int ballast = BALLASTS;
      KillState state = KillState.empty();
      step = 1;
      try (PassageIndex index =
          PassageIndex.create(DiskFiles.INSTANCE, place, KillState.SPACE, KillState.OPTIONS)) {
        while (ballast > 0 && full < wanted) {
          KillState after = state.step(step, Optional.of(index));
          boolean done = false;
          while (!done && ballast > 0) {
            try {
              if (KillState.compacts(step)) {
                index.compact();
              } else {
                index.commit();
              }
              done = true;
              acknowledged++;
            } catch (IOException e) {
              full++;
              require(String.valueOf(e).contains("No space left"), e.toString());
              expect(state, index);
              try (PassageIndex other = PassageIndex.open(place)) {
                expect(state, other);
              }
              Files.delete(folder.resolve("ballast" + --ballast));
            }
          }
          if (done) {
            state = after;
            step++;
            expect(state, index);
          }
        }
      }
      try (PassageIndex again = PassageIndex.open(place)) {
        expect(state, again);
      }
      require(IndexDoctor.check(place).isHealthy(), "not healthy");
      clear(place);
      Files.delete(place);
      clear(folder);
    }
    System.out.printf(
        Locale.ROOT,
        "%d times full in %d indexes, %d commits acknowledged, none lost; the writer went on each"
            + " time%n",
        full,
        indexes,
        acknowledged);
  }

  /** Takes some space; waits until that of the last index, deleted but mapped, is given back. */
  private static void ballast(Path file) throws IOException {
    for (int tries = 0; true; tries++) {
      try {
        Files.write(file, new byte[BALLAST]);
        return;
      } catch (IOException e) {
        if (tries == 100) {
          throw e;
        }
        System.gc();
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private static void expect(KillState state, PassageIndex index) {
    require(KillState.of(index).equals(state), "not what was acknowledged");
    int size = state.passages().size();
    require(index.search(new float[KillState.DIMENSION], size + 1).size() == size, "not found");
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new AssertionError(problem);
    }
  }

  private static void clear(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
