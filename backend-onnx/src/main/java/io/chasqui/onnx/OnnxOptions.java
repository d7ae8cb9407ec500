package io.chasqui.onnx;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a session loads and schedules. Zero stands for "chosen for the device when the session is
 * loaded" wherever it is allowed. Immutable.
 *
 * @param maxBatchTokens rows × longest row of one call of the model; 0 = chosen
 * @param maxPaddingShare of a call's tokens at most this share is padding, in [0, 1)
 * @param parallelCalls calls of the model that run at the same time; 0 = chosen: as many as the
 *     device's threads allow
 * @param threadsPerCall threads within one call on the CPU; 0 = chosen: one. More make a single
 *     query faster where cores are idle, and many texts slower
 * @param memoryBudget bytes that all running calls together may need, weights not counted; 0 =
 *     chosen: half of the machine's memory on the CPU. A text that needs more by itself is an error
 * @param weights how they are held in memory
 * @param adapters how low-rank updates are applied
 * @param nativeCache directory that keeps ONNX Runtime's native libraries, unpacked once for each
 *     version; empty = unpacked to the temporary folder at each start. Has an effect on the first
 *     session of a JVM only
 * @param precision in which layers compute; norms, heads and results are 32 bit in any case. Graphs
 *     that others exported keep theirs
 * @param deviceMemory bytes that the session may take of a GPU's memory, weights included, where
 *     ONNX Runtime's arena can tell; 0 = all. No effect on the CPU
 * @param batching whether calls of concurrent callers run as one
 * @param batchingDelay with dynamic batching: how long a call waits for company although the device
 *     is free. What waits while the device is busy is joined in any case
 */
public record OnnxOptions(
    int maxBatchTokens,
    double maxPaddingShare,
    int parallelCalls,
    int threadsPerCall,
    long memoryBudget,
    Weights weights,
    Adapters adapters,
    Optional<Path> nativeCache,
    Precision precision,
    long deviceMemory,
    Batching batching,
    Duration batchingDelay) {

  /**
   * How weights are held in memory on the CPU. Of 16-bit checkpoints there is a 32-bit copy in any
   * case. Exported graphs that compute with integers, and those whose weights lie in the {@code
   * .onnx} itself, are copied in any case.
   */
  public enum Weights {
    /**
     * {@link #COPIED} if the copy is small: its linear layers take at 32 bit at most a sixteenth of
     * the memory of the machine (or container) and at most 2 GiB. Else {@link #MAPPED}. Each
     * session makes a copy of its own. The log says what was chosen. On CUDA weights go to the
     * device.
     */
    AUTO,
    /** Mapped from their files: little private memory, quick to load, shared by processes. */
    MAPPED,
    /**
     * Copied into the layout that ONNX Runtime's kernels like best: short inputs run up to twice as
     * fast, long ones somewhat faster.
     */
    COPIED
  }

  /** How low-rank updates are applied. */
  public enum Adapters {
    /** Beside the base's weights, which all roles share. */
    RUNTIME,
    /** Added to a private copy of the weights at load; all roles must use the same adapter. */
    MERGED
  }

  /** Whether calls of concurrent callers run as one. Graphs that others exported run apart. */
  public enum Batching {
    /** {@link #DYNAMIC} on CUDA, {@link #APART} on the CPU. */
    DEVICE,
    /** Each call by itself, as many at a time as {@code parallelCalls} says. */
    APART,
    /** Dynamic batching: many callers with a short text each get through more of them. */
    DYNAMIC
  }

  /** In which type layers compute. */
  public enum Precision {
    /** 32 bit on the CPU; on CUDA the 16-bit type in which the weights are stored, else 32 bit. */
    DEVICE,
    /** 32 bit. */
    FP32,
    /** IEEE half precision. Runs on the CPU too, slowly: it is there to check results. */
    FP16,
    /** bfloat16; on CUDA only. */
    BF16
  }

  private static final Duration LONGEST_DELAY = Duration.ofSeconds(1);

  public OnnxOptions {
    require(maxBatchTokens >= 0, "maxBatchTokens must not be negative: " + maxBatchTokens);
    require(
        maxPaddingShare >= 0 && maxPaddingShare < 1,
        "maxPaddingShare must be in [0, 1): " + maxPaddingShare);
    require(parallelCalls >= 0, "parallelCalls must not be negative: " + parallelCalls);
    require(threadsPerCall >= 0, "threadsPerCall must not be negative: " + threadsPerCall);
    require(memoryBudget >= 0, "memoryBudget must not be negative: " + memoryBudget);
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(adapters, "adapters");
    Objects.requireNonNull(nativeCache, "nativeCache");
    Objects.requireNonNull(precision, "precision");
    require(deviceMemory >= 0, "deviceMemory must not be negative: " + deviceMemory);
    Objects.requireNonNull(batching, "batching");
    require(!batchingDelay.isNegative(), "batchingDelay must not be negative: " + batchingDelay);
    require(
        batchingDelay.compareTo(LONGEST_DELAY) <= 0,
        "batchingDelay must be at most " + LONGEST_DELAY + ": " + batchingDelay);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * Everything chosen for the device, weights copied if that takes little memory; at most 5 %
   * padding; adapters beside the weights; no native cache; no delay of batching.
   */
  public static OnnxOptions defaults() {
    return new OnnxOptions(
        0,
        0.05,
        0,
        0,
        0,
        Weights.AUTO,
        Adapters.RUNTIME,
        Optional.empty(),
        Precision.DEVICE,
        0,
        Batching.DEVICE,
        Duration.ZERO);
  }

  public OnnxOptions withMaxBatchTokens(int maxBatchTokens) {
    return changed(copy -> copy.maxBatchTokens = maxBatchTokens);
  }

  public OnnxOptions withMaxPaddingShare(double maxPaddingShare) {
    return changed(copy -> copy.maxPaddingShare = maxPaddingShare);
  }

  public OnnxOptions withParallelCalls(int parallelCalls) {
    return changed(copy -> copy.parallelCalls = parallelCalls);
  }

  public OnnxOptions withThreadsPerCall(int threadsPerCall) {
    return changed(copy -> copy.threadsPerCall = threadsPerCall);
  }

  public OnnxOptions withMemoryBudget(long memoryBudget) {
    return changed(copy -> copy.memoryBudget = memoryBudget);
  }

  public OnnxOptions withWeights(Weights weights) {
    return changed(copy -> copy.weights = weights);
  }

  public OnnxOptions withAdapters(Adapters adapters) {
    return changed(copy -> copy.adapters = adapters);
  }

  public OnnxOptions withNativeCache(Path nativeCache) {
    return changed(copy -> copy.nativeCache = Optional.of(nativeCache));
  }

  public OnnxOptions withPrecision(Precision precision) {
    return changed(copy -> copy.precision = precision);
  }

  public OnnxOptions withDeviceMemory(long deviceMemory) {
    return changed(copy -> copy.deviceMemory = deviceMemory);
  }

  public OnnxOptions withBatching(Batching batching) {
    return changed(copy -> copy.batching = batching);
  }

  public OnnxOptions withBatchingDelay(Duration batchingDelay) {
    return changed(copy -> copy.batchingDelay = batchingDelay);
  }

  private OnnxOptions changed(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.options();
  }

  /** The components, to change one of them. */
  private static final class Copy {
    private int maxBatchTokens;
    private double maxPaddingShare;
    private int parallelCalls;
    private int threadsPerCall;
    private long memoryBudget;
    private Weights weights;
    private Adapters adapters;
    private Optional<Path> nativeCache;
    private Precision precision;
    private long deviceMemory;
    private Batching batching;
    private Duration batchingDelay;

    Copy(OnnxOptions options) {
      maxBatchTokens = options.maxBatchTokens();
      maxPaddingShare = options.maxPaddingShare();
      parallelCalls = options.parallelCalls();
      threadsPerCall = options.threadsPerCall();
      memoryBudget = options.memoryBudget();
      weights = options.weights();
      adapters = options.adapters();
      nativeCache = options.nativeCache();
      precision = options.precision();
      deviceMemory = options.deviceMemory();
      batching = options.batching();
      batchingDelay = options.batchingDelay();
    }

    OnnxOptions options() {
      return new OnnxOptions(
          maxBatchTokens,
          maxPaddingShare,
          parallelCalls,
          threadsPerCall,
          memoryBudget,
          weights,
          adapters,
          nativeCache,
          precision,
          deviceMemory,
          batching,
          batchingDelay);
    }
  }
}
