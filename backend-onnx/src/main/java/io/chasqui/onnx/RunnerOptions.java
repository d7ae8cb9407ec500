package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.Optional;

/**
 * How one native session is made. Immutable.
 *
 * @param intraOpThreads threads within one run, at least 1; with 1 the caller's thread does all
 * @param prepacking whether the session keeps a private, reordered copy of the weights: short
 *     inputs run 1.5 to 2.5 times faster. Otherwise weights stay mapped from their files
 * @param adapters how low-rank updates are applied
 * @param keepHidden whether hidden states of all tokens can be asked for
 * @param provider adds the execution provider; nothing for the CPU
 * @param type in which layers compute; empty = that of the stored weights
 * @param kernels which operators attention is made of
 */
record RunnerOptions(
    int intraOpThreads,
    boolean prepacking,
    Adapters adapters,
    boolean keepHidden,
    Provider provider,
    Optional<ComputeType> type,
    Kernels kernels) {

  RunnerOptions {
    if (intraOpThreads < 1) {
      throw new IllegalArgumentException("intraOpThreads must be positive: " + intraOpThreads);
    }
  }

  /** One thread, weights mapped, adapters beside the weights, CPU, 32 bit. */
  static RunnerOptions defaults() {
    return new RunnerOptions(
        1,
        false,
        Adapters.BESIDE,
        false,
        options -> {},
        Optional.of(ComputeType.FLOAT),
        Kernels.STANDARD);
  }

  RunnerOptions withIntraOpThreads(int intraOpThreads) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withPrepacking(boolean prepacking) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withAdapters(Adapters adapters) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withKeepHidden(boolean keepHidden) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withProvider(Provider provider) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withType(Optional<ComputeType> type) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  RunnerOptions withKernels(Kernels kernels) {
    return new RunnerOptions(
        intraOpThreads, prepacking, adapters, keepHidden, provider, type, kernels);
  }

  /** Which operators attention is made of. */
  enum Kernels {
    /** Those of the ONNX standard. */
    STANDARD,
    /**
     * {@code com.microsoft.GroupQueryAttention} in layers that it fits, the standard's elsewhere.
     * CUDA has it in 16 bit only.
     */
    GROUPED,
    /** {@link #GROUPED} where layers compute in 16 bit, else {@link #STANDARD}. */
    GROUPED_IN_16_BIT
  }

  /** How low-rank updates are applied. */
  enum Adapters {
    /** x·Wᵀ + (x·Aᵀ)·Bᵀ, of whichever adapter a row asks for. */
    BESIDE,
    /** W + B·A is computed at load, in a private copy; all roles share one adapter. */
    MERGED
  }

  /** Adds an execution provider to a session. */
  @FunctionalInterface
  interface Provider {
    void addTo(SessionOptions options) throws OrtException;
  }
}
