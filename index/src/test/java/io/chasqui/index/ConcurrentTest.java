package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers and a writer at the same time, in one process and in several. */
class ConcurrentTest {
  private static final int STEPS = 60;

  @TempDir Path folder;

  @Test
  void fiftyLivesOfOneWriterAndFourReaders() throws Exception {
    live(50);
  }

  @Test
  @Tag("nightly")
  void fiveThousandLives() throws Exception {
    live(5_000);
  }

  private void live(int lives) throws Exception {
    long looks = 0;
    for (int seed = 0; seed < lives; seed++) {
      // Every tenth on the real disk, whose files can vanish while they are opened.
      FileLayer files = seed % 10 == 0 ? DiskFiles.INSTANCE : synchronised(new MemoryFiles());
      ConcurrentCheck check = new ConcurrentCheck(files, folder.resolve("index" + seed), seed);
      check.run();
      looks += check.looks();
    }
    System.out.println(lives + " lives, " + looks + " looks at the index, none of them wrong");
    assertTrue(looks > lives * 20L, looks + " looks");
  }

  private static FileLayer synchronised(FileLayer files) {
    Object one = new Object();
    return Intercepted.layer(
        files,
        (method, call) -> {
          synchronized (one) {
            return call.proceed();
          }
        });
  }

  /** A process that reads while another writes; prints each generation that it saw, whole. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws IOException {
      KillState state = KillState.empty();
      int step = 0; // each is one generation, after the empty first one
      try (PassageIndex index = PassageIndex.open(Path.of(args[0]))) {
        System.out.println("ready");
        while (step < STEPS) {
          index.refresh();
          for (long generation = index.stats().generation(); step < generation - 1; ) {
            state = state.step(++step, Optional.empty());
          }
          if (!KillState.of(index).equals(state)) {
            throw new IllegalStateException("step " + step + " was not found as it was written");
          }
          index.search(new float[KillState.DIMENSION], 1_000);
          System.out.println(step);
        }
      }
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES) // a reader that never sees the end would wait
  void processesSeeWholeGenerationsWhileAnotherOneWrites() throws Exception {
    Path place = folder.resolve("index");
    List<Process> readers = new ArrayList<>();
    try (PassageIndex index = PassageIndex.create(place, KillState.SPACE, KillState.OPTIONS)) {
      List<BufferedReader> said = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Process reader = Jvm.start(Reader.class, place.toString());
        readers.add(reader);
        said.add(
            new BufferedReader(
                new InputStreamReader(reader.getInputStream(), StandardCharsets.UTF_8)));
        assertEquals("ready", said.get(i).readLine());
      }
      KillState state = KillState.empty();
      for (int step = 1; step <= STEPS; step++) {
        state = state.step(step, Optional.of(index));
        if (KillState.compacts(step)) {
          index.compact();
        } else {
          index.commit();
        }
      }
      for (int i = 0; i < 2; i++) {
        Set<String> seen = new HashSet<>();
        said.get(i).lines().forEach(seen::add);
        assertEquals(0, readers.get(i).waitFor());
        assertTrue(seen.contains(Integer.toString(STEPS)));
        assertTrue(seen.size() > 2, "saw only steps " + seen);
      }
    } finally {
      readers.forEach(Process::destroyForcibly);
    }
  }
}
