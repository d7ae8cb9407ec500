package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a process that writes an index (SIGKILL), looks at what it left, and starts it again: no
 * acknowledged passage may be lost, nothing may be there by half, nothing committed may be encoded
 * again. By hand: {@code main}, with the number of kills.
 */
final class KillCampaign {
  /** Kills of one index, so that looking at all of it stays cheap. */
  private static final int KILLS_PER_INDEX = 10;

  private static final int MAX_LINES = 90;
  private static final int MAX_DELAY_NANOS = 3_000_000;

  private final Path folder;
  private final Random random;
  private final TreeMap<String, Integer> killedWhile = new TreeMap<>();
  private int kills;
  private int inCommit;
  private int indexes;
  private int jobsFinished;
  private long acknowledged;
  private long encoded;

  KillCampaign(Path folder, long seed) {
    this.folder = folder;
    this.random = new Random(seed);
  }

  /** Arguments: kills, seed. Prints every hundred kills how it stands. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("chasqui-kill");
    KillCampaign campaign = new KillCampaign(folder, Long.parseLong(args[1]));
    for (int to = 100; to < Integer.parseInt(args[0]); to += 100) {
      campaign.kill(to);
      System.out.println(campaign);
    }
    campaign.kill(Integer.parseInt(args[0]));
    System.out.println(campaign);
    Files.delete(folder);
  }

  /** Goes on until so many processes were killed. */
  void kill(int total) throws Exception {
    while (kills < total) {
      Path place = folder.resolve("index" + indexes++);
      int until = Math.min(total, kills + KILLS_PER_INDEX);
      if (indexes % 3 == 0) {
        killJob(place, until);
      } else {
        killWriter(place, until);
      }
      delete(place);
    }
  }

  int kills() {
    return kills;
  }

  int inCommit() {
    return inCommit;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d kills over %d indexes, %d (%.0f %%) of them inside a commit: %s; %d passages"
            + " acknowledged, none lost; %d jobs finished, %d passages encoded, none that was"
            + " committed",
        kills,
        indexes,
        inCommit,
        100.0 * inCommit / kills,
        killedWhile,
        acknowledged,
        jobsFinished,
        encoded);
  }

  /** What a victim said until it died. */
  private record Said(List<String> lines, boolean killed) {
    /** What followed the last line that begins so, that line included; empty if there is none. */
    List<String> since(String beginning) {
      for (int i = lines.size() - 1; i >= 0; i--) {
        if (lines.get(i).startsWith(beginning)) {
          return lines.subList(i, lines.size());
        }
      }
      return List.of();
    }

    List<String> all(String beginning) {
      return lines.stream()
          .filter(line -> line.startsWith(beginning))
          .map(line -> line.substring(beginning.length()))
          .toList();
    }
  }

  /** Starts a victim and kills it a moment after it has said so much. */
  private Said run(String mode, Path place, int step) throws IOException, InterruptedException {
    Process victim = Jvm.start(KillVictim.class, mode, place.toString(), Integer.toString(step));
    int left = 1 + random.nextInt(MAX_LINES);
    List<String> lines = new ArrayList<>();
    boolean killed = false;
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      // What it says until it dies still counts.
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.endsWith(";")) { // not cut short by the kill
          lines.add(line.substring(0, line.length() - 1));
        }
        if (!killed && lines.contains("ready") && --left <= 0) {
          killed = true;
          LockSupport.parkNanos(random.nextInt(MAX_DELAY_NANOS));
          victim.toHandle().destroyForcibly(); // the Process itself would close the stream
        }
      }
    } finally {
      victim.destroyForcibly().waitFor();
    }
    assertTrue(lines.contains("ready"), "the victim could not open the index: " + lines);
    boolean dead = killed && !lines.get(lines.size() - 1).startsWith("finished");
    if (dead) {
      kills++;
      count(mode, lines);
    }
    return new Said(lines, dead);
  }

  /** Where the kill hit. */
  private void count(String mode, List<String> lines) {
    int last = lines.size() - 1;
    while (lines.get(last).equals("file") || lines.get(last).equals("published")) {
      last--; // to what it was about
    }
    List<String> files = lines.subList(last + 1, lines.size());
    String doing = mode.equals("job") ? "job" : lines.get(last).split(" ", -1)[0];
    String phase = files.contains("published") ? "published" : files.isEmpty() ? "" : "writing";
    if (!phase.isEmpty()) {
      inCommit++;
    }
    killedWhile.merge((doing + " " + phase).strip(), 1, Integer::sum);
  }

  private void killWriter(Path place, int until) throws Exception {
    KillState state = KillState.empty();
    int step = 1;
    while (kills < until) {
      Said said = run("write", place, step);
      assertTrue(said.killed());
      for (String done : said.all("acknowledged ")) {
        assertEquals(step, Integer.parseInt(done));
        KillState after = state.step(step++, Optional.empty());
        acknowledged += Math.max(0, after.passages().size() - state.passages().size());
        state = after;
      }
      try (PassageIndex index = PassageIndex.open(place)) {
        KillState found = KillState.of(index);
        // What was not acknowledged may be there, but only as a whole.
        if (!found.equals(state)) {
          KillState inFlight = state.step(step, Optional.empty());
          if (said.since("changing " + step).isEmpty() || !found.equals(inFlight)) {
            fail("step " + step + ": neither the acknowledged state nor the one in flight");
          }
          state = inFlight;
          step++;
        }
        check(index, state.passages());
      }
      assertTrue(IndexDoctor.check(place).isHealthy());
    }
  }

  private void killJob(Path place, int until) throws Exception {
    List<Passage> all = KillVictim.jobPassages();
    int committed = 0;
    while (kills < until) {
      Said said = run("job", place, 0);
      Set<String> before = new HashSet<>();
      all.subList(0, committed).forEach(passage -> before.add(passage.id()));
      for (String batch : said.all("encoding ")) {
        for (String id : batch.split(" ", -1)) {
          assertFalse(before.contains(id), id + " was committed and is encoded again");
          encoded += id.startsWith("j") ? 1 : 0; // no canary
        }
      }
      int known = committed;
      for (String size : said.all("acknowledged ")) {
        known = Integer.parseInt(size);
      }
      acknowledged += known - committed;
      try (PassageIndex index = PassageIndex.open(place)) {
        committed = (int) index.size();
        assertTrue(committed >= known, committed + " passages; acknowledged were " + known);
        check(index, all.subList(0, committed));
      }
      assertTrue(IndexDoctor.check(place).isHealthy());
      if (!said.killed()) {
        assertEquals(KillVictim.JOB_PASSAGES, committed);
        jobsFinished++;
        return;
      }
    }
  }

  /** An index holds exactly these passages, and finds each by its vector. */
  private static void check(PassageIndex index, List<Passage> expected) {
    assertEquals(expected.size(), index.size());
    for (Passage passage : expected) {
      assertEquals(passage, index.get(passage.id()).orElseThrow());
    }
    int stride = Math.max(1, expected.size() / 20);
    for (int i = 0; i < expected.size(); i += stride) {
      float[] query = KillState.vector(expected.get(i));
      List<ScoredPassage> hits = index.search(query, expected.size());
      assertEquals(expected.size(), hits.size());
      float self = 0;
      for (float value : query) {
        self += value * value;
      }
      Passage passage = expected.get(i);
      float score =
          hits.stream().filter(h -> h.id().equals(passage.id())).findAny().orElseThrow().score();
      assertEquals(self, score, 1e-4f * self);
    }
  }

  private static void delete(Path place) throws IOException {
    try (var files = Files.list(place)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(place);
  }
}
