package io.chasqui.index;

/**
 * How an {@link IndexJob} works. Immutable.
 *
 * @param batchSize passages handed to the encoder at once; it packs them by length itself
 * @param commitEvery passages after which the job commits: what a kill can cost
 * @param total passages in all, for the estimate of the time left; 0 if unknown
 */
public record IndexJobOptions(int batchSize, int commitEvery, long total) {
  private static final int BATCH_SIZE = 256;
  private static final int COMMIT_EVERY = 4096;

  public IndexJobOptions {
    if (batchSize <= 0) {
      throw new IllegalArgumentException("batchSize must be positive: " + batchSize);
    }
    if (commitEvery <= 0) {
      throw new IllegalArgumentException("commitEvery must be positive: " + commitEvery);
    }
    if (total < 0) {
      throw new IllegalArgumentException("total must not be negative: " + total);
    }
  }

  /** 256 passages a batch, a commit every 4,096. */
  public static IndexJobOptions defaults() {
    return new IndexJobOptions(BATCH_SIZE, COMMIT_EVERY, 0);
  }

  public IndexJobOptions withBatchSize(int batchSize) {
    return new IndexJobOptions(batchSize, commitEvery, total);
  }

  public IndexJobOptions withCommitEvery(int commitEvery) {
    return new IndexJobOptions(batchSize, commitEvery, total);
  }

  public IndexJobOptions withTotal(long total) {
    return new IndexJobOptions(batchSize, commitEvery, total);
  }
}
