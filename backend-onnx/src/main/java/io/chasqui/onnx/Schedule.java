package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.onnx.OnnxOptions.Precision;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.Optional;

/**
 * Options with everything chosen that was left to the device. Immutable.
 *
 * @param parallelCalls of the model at a time, on each device
 * @param threadsPerCall within one call
 * @param memoryBudget bytes of all calls together, on each device
 * @param planner what packs a call
 * @param calibrated whether the tokens of a call are to be found by {@link Calibration}
 * @param joinDelay how long a call waits for company; empty if calls run apart
 */
record Schedule(
    int parallelCalls,
    int threadsPerCall,
    long memoryBudget,
    BatchPlanner planner,
    boolean calibrated,
    Optional<Duration> joinDelay) {
  /** Full speed on short and long texts; more would only make others wait longer for their turn. */
  static final int CPU_BATCH_TOKENS = 512;

  static final int CUDA_BATCH_TOKENS = 16_384;

  /** Rows of a launch of CUDA's kernel for rotary positions, which sees each token as a row. */
  static final int CUDA_MOST_TOKENS = 65_535;

  /** Of a calibration's largest call, so that joined calls can be launched, too. */
  static final long CUDA_MOST_CALIBRATED = 1 << 15;

  private static final int CALLERS_JOINED = 16;
  private static final int JOIN_HEADROOM = 8; // an eighth more
  private static final int BYTES_PER_FLOAT = 4;

  static Schedule of(Device device, OnnxOptions options, ModelConfig config) {
    return of(device, options, CallMemory.of(config, BYTES_PER_FLOAT));
  }

  static Schedule of(Device device, OnnxOptions options, BatchPlanner.CallCost cost) {
    boolean cpu = device instanceof Device.Cpu;
    int threads = device instanceof Device.Cpu processor ? processor.threads() : 1;
    int threadsPerCall = Math.max(1, options.threadsPerCall());
    int parallelCalls =
        options.parallelCalls() > 0
            ? options.parallelCalls()
            : Math.max(1, threads / threadsPerCall);
    if (!cpu && options.maxBatchTokens() > CUDA_MOST_TOKENS) {
      throw new IllegalArgumentException(
          "maxBatchTokens on CUDA must be at most %d: %d"
              .formatted(CUDA_MOST_TOKENS, options.maxBatchTokens()));
    }
    int batchTokens =
        options.maxBatchTokens() > 0
            ? options.maxBatchTokens()
            : cpu ? CPU_BATCH_TOKENS : CUDA_BATCH_TOKENS;
    long budget =
        options.memoryBudget() > 0
            ? options.memoryBudget()
            : cpu ? machineMemory() / 2 : Long.MAX_VALUE;
    boolean joins =
        switch (options.batching()) {
          case DEVICE -> !cpu;
          case APART -> false;
          case DYNAMIC -> true;
        };
    return new Schedule(
        parallelCalls,
        threadsPerCall,
        budget,
        new BatchPlanner(batchTokens, options.maxPaddingShare(), cost, budget / parallelCalls),
        !cpu && options.maxBatchTokens() == 0,
        joins ? Optional.of(options.batchingDelay()) : Optional.empty());
  }

  /** With calls of so many tokens. */
  Schedule withBatchTokens(long tokens) {
    return new Schedule(
        parallelCalls,
        threadsPerCall,
        memoryBudget,
        new BatchPlanner(tokens, planner.maxPaddingShare(), planner.cost(), planner.maxBytes()),
        false,
        joinDelay);
  }

  /** Without joining: what runs calls can't. */
  Schedule apart() {
    return new Schedule(
        parallelCalls, threadsPerCall, memoryBudget, planner, calibrated, Optional.empty());
  }

  /** How many calls are handed over at a time; those that are to be joined wait together. */
  int callers(int devices) {
    return devices * parallelCalls * (joinDelay.isPresent() ? CALLERS_JOINED : 1);
  }

  MemoryGate memoryGate(int devices) {
    return joinDelay.isPresent()
        ? MemoryGate.waitingBehind(memoryBudget)
        : new MemoryGate(
            memoryBudget > Long.MAX_VALUE / devices ? memoryBudget : memoryBudget * devices);
  }

  /** A little above the planner's, so that a query need not wait until all full calls are done. */
  JoinedRuns.Limits joinLimits(Duration delay) {
    long slots = planner.maxTokens() + planner.maxTokens() / JOIN_HEADROOM;
    return new JoinedRuns.Limits(slots, planner.cost(), planner.maxBytes(), delay);
  }

  /** Of the machine or the container, in bytes. */
  static long machineMemory() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean known
        ? known.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory(); // a JVM without HotSpot's bean
  }

  /** Empty for that of the stored weights. */
  private static Optional<ComputeType> computeType(Device device, Precision precision) {
    boolean cuda = device instanceof Device.Cuda;
    return switch (precision) {
      case DEVICE -> cuda ? Optional.empty() : Optional.of(ComputeType.FLOAT);
      case FP32 -> Optional.of(ComputeType.FLOAT);
      case FP16 -> Optional.of(ComputeType.FLOAT16);
      case BF16 -> {
        if (!cuda) {
          throw new IllegalArgumentException(
              "precision BF16 runs on CUDA only, not on " + device + ": take DEVICE or FP32");
        }
        yield Optional.of(ComputeType.BFLOAT16);
      }
    };
  }

  /**
   * How a native session is made for this schedule.
   *
   * @param device a single one
   */
  RunnerOptions runnerOptions(Device device, OnnxOptions options) {
    return RunnerOptions.defaults()
        .withIntraOpThreads(threadsPerCall)
        .withPrepacking(options.weights() == OnnxOptions.Weights.COPIED)
        .withAdapters(
            options.adapters() == OnnxOptions.Adapters.MERGED
                ? RunnerOptions.Adapters.MERGED
                : RunnerOptions.Adapters.BESIDE)
        .withType(computeType(device, options.precision()))
        .withKernels(
            device instanceof Device.Cuda
                ? RunnerOptions.Kernels.GROUPED_IN_16_BIT
                : RunnerOptions.Kernels.STANDARD)
        .withProvider(
            session -> {
              if (threadsPerCall > 1) {
                session.addConfigEntry("session.intra_op.allow_spinning", "0");
              }
              if (device instanceof Device.Cuda cuda) {
                CudaProvider.addTo(session, cuda.ordinals().get(0), options.deviceMemory());
              }
            });
  }
}
