package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process (SIGKILL) again and again; each time, nothing committed may be lost. */
class KillTest {
  @TempDir Path folder;

  private int next = 1;
  private int inCommit;
  private final Set<Integer> expected = new HashSet<>();

  @Test
  void thirtyKills() throws Exception {
    kill(30);
  }

  @Test
  @Tag("nightly")
  void twoThousandKills() throws Exception {
    kill(2_000);
  }

  private void kill(int cycles) throws Exception {
    Random random = new Random(11);
    for (int cycle = 0; cycle < cycles; cycle++) {
      cycle(random);
    }
    assertTrue(inCommit * 4 >= cycles, inCommit + " of " + cycles + " kills met a commit");
  }

  private void cycle(Random random) throws Exception {
    Path place = folder.resolve("index");
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                KillVictim.class.getName(),
                place.toString(),
                Integer.toString(next))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int[] flight = {0, 0};
    boolean killed = false;
    int lines = 1 + random.nextInt(12);
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("ready", said.readLine());
      // Killed when it has said so much, a moment later; what it says until it dies still counts.
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        String[] words = line.split(" ", -1);
        if (words.length < 3) {
          continue; // cut short by the kill
        }
        flight = new int[] {Integer.parseInt(words[1]), Integer.parseInt(words[2])};
        if (words[0].equals("committed")) {
          commit(flight);
          flight = new int[] {0, 0};
        }
        if (!killed && --lines <= 0) {
          killed = true;
          java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(3_000_000));
          victim.toHandle().destroyForcibly(); // the Process itself would close the stream
        }
      }
    } finally {
      victim.destroyForcibly().waitFor();
    }
    inCommit += flight[1] > 0 ? 1 : 0;
    check(place, flight);
  }

  private void commit(int[] range) {
    expected.remove(range[0] - 1);
    for (int i = range[0]; i < range[1]; i++) {
      expected.add(i);
    }
    next = range[1];
  }

  private void check(Path place, int[] flight) throws IOException {
    try (PassageIndex index = PassageIndex.open(place)) {
      // What was not acknowledged may be there, but only as a whole.
      if (flight[1] > 0 && index.contains("p" + flight[0])) {
        commit(flight);
      }
      assertEquals(expected.size(), index.size());
      for (int i : expected) {
        assertEquals(KillVictim.passage(i), index.get("p" + i).orElseThrow());
      }
      if (!expected.isEmpty()) {
        int some = expected.iterator().next();
        Passage passage = KillVictim.passage(some);
        List<ScoredPassage> hits = index.search(KillVictim.vector(some), expected.size());
        assertEquals(expected.size(), hits.size());
        assertTrue(hits.stream().anyMatch(hit -> hit.passage().equals(passage)));
      }
    }
  }
}
