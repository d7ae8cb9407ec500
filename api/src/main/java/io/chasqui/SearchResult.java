package io.chasqui;

import java.time.Duration;
import java.util.List;

/**
 * What a pipeline found, and how long each stage took. Immutable.
 *
 * @param hits best first, at most k
 * @param timings one per stage, in the order in which they ran
 */
public record SearchResult(List<ScoredPassage> hits, List<StageTiming> timings) {
  public SearchResult {
    hits = List.copyOf(hits);
    timings = List.copyOf(timings);
  }

  /** The time of all stages together. */
  public Duration duration() {
    return timings.stream().map(StageTiming::duration).reduce(Duration.ZERO, Duration::plus);
  }
}
