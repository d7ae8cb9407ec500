package io.chasqui.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;

/**
 * How one native session is made. Immutable.
 *
 * @param intraOpThreads threads within one run, at least 1; with 1 the caller's thread does all
 * @param prepacking whether the session keeps a private, reordered copy of the weights: short
 *     inputs run 1.5 to 2.5 times faster. Otherwise weights stay mapped from their files
 * @param adapters how low-rank updates are applied
 * @param keepHidden whether hidden states of all tokens can be asked for
 * @param provider adds the execution provider; nothing for the CPU
 */
record RunnerOptions(
    int intraOpThreads,
    boolean prepacking,
    Adapters adapters,
    boolean keepHidden,
    Provider provider) {

  RunnerOptions {
    if (intraOpThreads < 1) {
      throw new IllegalArgumentException("intraOpThreads must be positive: " + intraOpThreads);
    }
  }

  /** One thread, weights mapped, adapters beside the weights, CPU. */
  static RunnerOptions defaults() {
    return new RunnerOptions(1, false, Adapters.BESIDE, false, options -> {});
  }

  RunnerOptions withIntraOpThreads(int intraOpThreads) {
    return new RunnerOptions(intraOpThreads, prepacking, adapters, keepHidden, provider);
  }

  RunnerOptions withPrepacking(boolean prepacking) {
    return new RunnerOptions(intraOpThreads, prepacking, adapters, keepHidden, provider);
  }

  RunnerOptions withAdapters(Adapters adapters) {
    return new RunnerOptions(intraOpThreads, prepacking, adapters, keepHidden, provider);
  }

  RunnerOptions withKeepHidden(boolean keepHidden) {
    return new RunnerOptions(intraOpThreads, prepacking, adapters, keepHidden, provider);
  }

  RunnerOptions withProvider(Provider provider) {
    return new RunnerOptions(intraOpThreads, prepacking, adapters, keepHidden, provider);
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
