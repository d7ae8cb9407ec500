package io.chasqui.onnx;

/**
 * How an {@link OnnxVectorSearch} works. Immutable.
 *
 * @param threads that search at the same time; 0 = as many as processors
 * @param rescoredPerHit candidates by codes whose full vectors are compared, for each hit wanted,
 *     at least 1
 */
public record OnnxSearchOptions(int threads, int rescoredPerHit) {
  public OnnxSearchOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative: " + threads);
    }
    if (rescoredPerHit < 1) {
      throw new IllegalArgumentException("rescoredPerHit must be positive: " + rescoredPerHit);
    }
  }

  /** All processors; three candidates for each hit. */
  public static OnnxSearchOptions defaults() {
    return new OnnxSearchOptions(0, 3);
  }

  public OnnxSearchOptions withThreads(int threads) {
    return new OnnxSearchOptions(threads, rescoredPerHit);
  }

  public OnnxSearchOptions withRescoredPerHit(int rescoredPerHit) {
    return new OnnxSearchOptions(threads, rescoredPerHit);
  }
}
