package io.chasqui.onnx;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a session loads and schedules. Zero stands for "chosen for the device when the session is
 * loaded" wherever it is allowed. Immutable.
 *
 * @param maxBatchTokens rows × longest row of one call of the model; 0 = chosen
 * @param maxPaddingShare of a call's tokens at most this share is padding, in [0, 1)
 * @param parallelCalls calls of the model that run at the same time; 0 = chosen
 * @param memoryBudget bytes that all running calls together may need, weights not counted; 0 =
 *     chosen. A row that needs more by itself is an error
 * @param prepacking whether the session may keep a second, reordered copy of the weights, which
 *     makes short inputs faster
 * @param nativeCache directory that keeps ONNX Runtime's native libraries, unpacked once for each
 *     version; empty = unpacked to the temporary folder at each start
 */
public record OnnxOptions(
    int maxBatchTokens,
    double maxPaddingShare,
    int parallelCalls,
    long memoryBudget,
    Prepacking prepacking,
    Optional<Path> nativeCache) {

  /** Whether weights are copied into the layout that ONNX Runtime's kernels like best. */
  public enum Prepacking {
    /** A private copy of the weights: fastest. */
    COPY,
    /** The weights stay mapped from their files: little memory, quick to load. */
    MAPPED
  }

  public OnnxOptions {
    require(maxBatchTokens >= 0, "maxBatchTokens must not be negative: " + maxBatchTokens);
    require(
        maxPaddingShare >= 0 && maxPaddingShare < 1,
        "maxPaddingShare must be in [0, 1): " + maxPaddingShare);
    require(parallelCalls >= 0, "parallelCalls must not be negative: " + parallelCalls);
    require(memoryBudget >= 0, "memoryBudget must not be negative: " + memoryBudget);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Everything chosen for the device; at most 5 % padding; weights mapped; no native cache. */
  public static OnnxOptions defaults() {
    return new OnnxOptions(0, 0.05, 0, 0, Prepacking.MAPPED, Optional.empty());
  }

  public OnnxOptions withMaxBatchTokens(int maxBatchTokens) {
    return new OnnxOptions(
        maxBatchTokens, maxPaddingShare, parallelCalls, memoryBudget, prepacking, nativeCache);
  }

  public OnnxOptions withMaxPaddingShare(double maxPaddingShare) {
    return new OnnxOptions(
        maxBatchTokens, maxPaddingShare, parallelCalls, memoryBudget, prepacking, nativeCache);
  }

  public OnnxOptions withParallelCalls(int parallelCalls) {
    return new OnnxOptions(
        maxBatchTokens, maxPaddingShare, parallelCalls, memoryBudget, prepacking, nativeCache);
  }

  public OnnxOptions withMemoryBudget(long memoryBudget) {
    return new OnnxOptions(
        maxBatchTokens, maxPaddingShare, parallelCalls, memoryBudget, prepacking, nativeCache);
  }

  public OnnxOptions withPrepacking(Prepacking prepacking) {
    return new OnnxOptions(
        maxBatchTokens, maxPaddingShare, parallelCalls, memoryBudget, prepacking, nativeCache);
  }

  public OnnxOptions withNativeCache(Path nativeCache) {
    return new OnnxOptions(
        maxBatchTokens,
        maxPaddingShare,
        parallelCalls,
        memoryBudget,
        prepacking,
        Optional.of(nativeCache));
  }
}
