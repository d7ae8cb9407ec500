package io.chasqui.evaluation.mining;

import java.util.Objects;

/**
 * Which hits become negatives.
 *
 * @param firstRank first rank of each source that is looked at, from 1
 * @param lastRank last rank, at least {@code firstRank}
 * @param negatives at most so many per query, drawn at random, at least 1
 * @param sourceLimit by a source's own scores; with a limit, a source that did not find a positive
 *     among its {@code lastRank} hits gives nothing for that query
 * @param scorerLimit by the scorer's scores, if there is one
 * @param seed of the draw; each query's draw depends on it and on the query's id alone
 * @param format of the file
 */
public record MiningOptions(
    int firstRank,
    int lastRank,
    int negatives,
    ScoreLimit sourceLimit,
    ScoreLimit scorerLimit,
    long seed,
    TrainingFormat format) {
  public MiningOptions {
    Objects.requireNonNull(sourceLimit, "sourceLimit");
    Objects.requireNonNull(scorerLimit, "scorerLimit");
    Objects.requireNonNull(format, "format");
    if (firstRank < 1 || lastRank < firstRank) {
      throw new IllegalArgumentException("no such ranks: " + firstRank + " to " + lastRank);
    }
    if (negatives < 1) {
      throw new IllegalArgumentException("negatives must be positive: " + negatives);
    }
  }

  /** 30 of the first 200 of each source, no score limits, seed 42, with texts. */
  public static MiningOptions defaults() {
    return new MiningOptions(
        1, 200, 30, ScoreLimit.none(), ScoreLimit.none(), 42, TrainingFormat.TEVATRON_PASSAGES);
  }

  public MiningOptions withRanks(int firstRank, int lastRank) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }

  public MiningOptions withNegatives(int negatives) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }

  public MiningOptions withSourceLimit(ScoreLimit sourceLimit) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }

  public MiningOptions withScorerLimit(ScoreLimit scorerLimit) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }

  public MiningOptions withSeed(long seed) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }

  public MiningOptions withFormat(TrainingFormat format) {
    return new MiningOptions(
        firstRank, lastRank, negatives, sourceLimit, scorerLimit, seed, format);
  }
}
