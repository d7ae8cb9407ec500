package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Contestants that do the same work in turns, A B C A B C, each loaded once and idle while others
 * run. The first contestant of each workload is the reference that its results are compared with. A
 * contestant that fails is reported and left out; the others go on.
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
    return run(List.of()).outcomes();
  }

  /**
   * Measures, and then lets each process that runs measure some things itself, one after another.
   *
   * @param whats see {@link Peer#measure}; what a peer does not know is left out
   */
  public Result run(List<String> whats) throws IOException {
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
      Map<PeerCommand, Map<String, Map<String, Double>>> measured = new LinkedHashMap<>();
      for (Map.Entry<PeerCommand, PeerProcess> process : processes.entrySet()) {
        measured.put(process.getKey(), measured(process.getValue(), whats));
      }
      List<Outcome> outcomes = entries.stream().map(Entry::outcome).toList();
      Map<PeerCommand, PeerFigures> figures = new LinkedHashMap<>();
      for (Map.Entry<PeerCommand, PeerProcess> process : processes.entrySet()) {
        figures.put(
            process.getKey(),
            closed(process.getValue(), measured.getOrDefault(process.getKey(), Map.of())));
      }
      return new Result(outcomes, figures);
    } finally {
      for (PeerProcess process : processes.values()) {
        process.close();
      }
    }
  }

  private Map<String, Map<String, Double>> measured(PeerProcess process, List<String> whats)
      throws IOException {
    Map<String, Map<String, Double>> measured = new LinkedHashMap<>();
    for (String what : whats) {
      progress.accept("measuring " + what + " of " + process.name());
      try {
        measured.put(what, process.measure(what));
      } catch (PeerException e) {
        progress.accept(String.valueOf(e.getMessage()));
      }
    }
    return measured;
  }

  /** Ends a peer; where the system does not say what it had on devices, that shows then. */
  private static PeerFigures closed(PeerProcess process, Map<String, Map<String, Double>> measured)
      throws IOException {
    OptionalLong privateBytes = process.meter().privateBytes();
    OptionalLong deviceBytes = process.meter().deviceBytes();
    OptionalLong before = DeviceMemory.used();
    process.close();
    return new PeerFigures(
        process.description(),
        process.loadSeconds(),
        privateBytes,
        deviceBytes.isPresent() ? deviceBytes : DeviceMemory.freed(before, DeviceMemory.used()),
        measured);
  }

  /**
   * What was measured.
   *
   * @param outcomes of the contestants, in their order
   * @param figures of each process
   */
  public record Result(List<Outcome> outcomes, Map<PeerCommand, PeerFigures> figures) {
    public Result {
      outcomes = List.copyOf(outcomes);
      figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
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
    Map<String, float[][]> references = new HashMap<>();
    Path file = scratch.resolve("results.f32");
    for (Entry entry : entries) {
      if (entry.process.isEmpty()) {
        continue;
      }
      try {
        String workload = entry.contestant.workload();
        float[][] results = entry.process.get().results(workload, file);
        float[][] reference = references.putIfAbsent(workload, results);
        if (reference != null) {
          entry.agreement = Optional.of(Vectors.agreement(reference, results));
        }
      } catch (PeerException | IllegalArgumentException e) {
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

    void fail(Exception e) {
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
