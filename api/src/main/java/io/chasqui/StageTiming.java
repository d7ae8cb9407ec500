package io.chasqui;

import java.time.Duration;
import java.util.Objects;

/**
 * How long one stage of a pipeline worked on one request.
 *
 * @param stage the stage's name
 * @param candidates passages it worked on: found by a retriever, read by any later stage
 * @param duration on the wall clock
 */
public record StageTiming(String stage, int candidates, Duration duration) {
  public StageTiming {
    Objects.requireNonNull(stage, "stage");
    Objects.requireNonNull(duration, "duration");
  }
}
