package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Contestants that do the same work in turns, A B C A B C, each loaded once and idle while others
 * run. The first contestant is the reference that results are compared with. A contestant that
 * fails is reported and left out; the others go on.
 */
public final class Contest {
  private final List<Contestant> contestants;
  private final int warmUps;
  private final int rounds;
  private final Path scratch;
  private final Consumer<String> progress;

  /**
   * @param contestants with labels of their own; the reference first
   * @param warmUps rounds that are not measured
   * @param rounds that are
   * @param scratch folder for results and for peers' standard error
   * @param progress is told what is going on
   */
  public Contest(
      List<Contestant> contestants,
      int warmUps,
      int rounds,
      Path scratch,
      Consumer<String> progress) {
    if (rounds < 1 || warmUps < 0) {
      throw new IllegalArgumentException("rounds " + rounds + ", warm-ups " + warmUps);
    }
    this.contestants = List.copyOf(contestants);
    this.warmUps = warmUps;
    this.rounds = rounds;
    this.scratch = scratch;
    this.progress = progress;
  }

  /** Measures. Contestants whose commands are equal share a process. */
  public List<Outcome> run() throws IOException {
    Files.createDirectories(scratch);
    Map<PeerCommand, PeerProcess> processes = new LinkedHashMap<>();
    try {
      List<Entry> entries = new ArrayList<>();
      for (Contestant contestant : contestants) {
        entries.add(enter(contestant, processes));
      }
      compare(entries);
      for (int round = -warmUps; round < rounds; round++) {
        for (Entry entry : entries) {
          entry.run(round >= 0);
        }
        progress.accept(
            round < 0 ? "warmed up" : "round " + (round + 1) + " of " + rounds + " is done");
      }
      return entries.stream().map(Entry::outcome).toList();
    } finally {
      for (PeerProcess process : processes.values()) {
        process.close();
      }
    }
  }

  private Entry enter(Contestant contestant, Map<PeerCommand, PeerProcess> processes)
      throws IOException {
    progress.accept("loading " + contestant.label());
    Entry entry = new Entry(contestant);
    try {
      PeerProcess process = processes.get(contestant.peer());
      if (process == null) {
        Path log = scratch.resolve(contestant.peer().name().replaceAll("\\W+", "-") + ".log");
        Files.deleteIfExists(log);
        process = PeerProcess.start(contestant.peer(), log);
        processes.put(contestant.peer(), process);
      }
      entry.process = Optional.of(process);
    } catch (PeerException e) {
      entry.fail(e);
    }
    return entry;
  }

  private void compare(List<Entry> entries) throws IOException {
    Optional<float[][]> reference = Optional.empty();
    Path file = scratch.resolve("results.f32");
    for (Entry entry : entries) {
      if (entry.process.isEmpty()) {
        continue;
      }
      try {
        float[][] results = entry.process.get().results(entry.contestant.workload(), file);
        if (reference.isPresent()) {
          entry.agreement = Optional.of(Vectors.agreement(reference.get(), results));
        } else {
          reference = Optional.of(results);
        }
      } catch (PeerException e) {
        entry.fail(e);
      }
    }
  }

  private final class Entry {
    private final Contestant contestant;
    private final List<Cost> costs = new ArrayList<>();
    private Optional<PeerProcess> process = Optional.empty();
    private Optional<Double> agreement = Optional.empty();
    private Optional<String> failure = Optional.empty();

    Entry(Contestant contestant) {
      this.contestant = contestant;
    }

    void run(boolean measured) throws IOException {
      if (process.isEmpty()) {
        return;
      }
      try {
        Cost cost = process.get().run(contestant.workload());
        if (measured) {
          costs.add(cost);
        }
      } catch (PeerException e) {
        fail(e);
      }
    }

    void fail(PeerException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      process = Optional.empty();
      costs.clear();
      progress.accept(contestant.label() + " failed: " + e.getMessage());
    }

    Outcome outcome() {
      return process
          .map(
              running ->
                  new Outcome(
                      contestant,
                      running.description(),
                      costs,
                      running.meter().privateBytes(),
                      agreement,
                      failure))
          .orElseGet(() -> Outcome.failed(contestant, failure.orElse("not started")));
    }
  }
}
