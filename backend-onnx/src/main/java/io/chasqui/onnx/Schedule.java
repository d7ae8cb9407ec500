package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.checkpoint.ModelConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/**
 * Options with everything chosen that was left to the device. Immutable.
 *
 * @param parallelCalls of the model at a time
 * @param threadsPerCall within one call
 * @param memoryBudget bytes of all calls together
 * @param planner what packs a call
 */
record Schedule(int parallelCalls, int threadsPerCall, long memoryBudget, BatchPlanner planner) {
  /** Full speed on short and long texts; more would only make others wait longer for their turn. */
  static final int CPU_BATCH_TOKENS = 512;

  static final int CUDA_BATCH_TOKENS = 16_384;
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
    int batchTokens =
        options.maxBatchTokens() > 0
            ? options.maxBatchTokens()
            : cpu ? CPU_BATCH_TOKENS : CUDA_BATCH_TOKENS;
    long budget =
        options.memoryBudget() > 0
            ? options.memoryBudget()
            : cpu ? machineMemory() / 2 : Long.MAX_VALUE;
    return new Schedule(
        parallelCalls,
        threadsPerCall,
        budget,
        new BatchPlanner(batchTokens, options.maxPaddingShare(), cost, budget / parallelCalls));
  }

  /** Of the machine or the container, in bytes. */
  private static long machineMemory() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return system instanceof com.sun.management.OperatingSystemMXBean known
        ? known.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory(); // a JVM without HotSpot's bean
  }

  /** How the native session is made for this schedule. */
  RunnerOptions runnerOptions(Device device, OnnxOptions options) {
    return RunnerOptions.defaults()
        .withIntraOpThreads(threadsPerCall)
        .withPrepacking(options.weights() == OnnxOptions.Weights.COPIED)
        .withAdapters(
            options.adapters() == OnnxOptions.Adapters.MERGED
                ? RunnerOptions.Adapters.MERGED
                : RunnerOptions.Adapters.BESIDE)
        .withProvider(
            session -> {
              if (threadsPerCall > 1) {
                session.addConfigEntry("session.intra_op.allow_spinning", "0");
              }
              if (device instanceof Device.Cuda cuda) {
                session.addCUDA(cuda.ordinals().get(0));
              }
            });
  }
}
