package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.spi.ModelRunner;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A model loaded on all devices that a session has, and how it is to be fed.
 *
 * @param runner calibrated, joined and pooled as the schedule says
 * @param planner what packs a call
 * @param callers calls handed over at a time
 * @param memory what calls of all devices need
 */
record ScheduledRunner(ModelRunner runner, BatchPlanner planner, int callers, MemoryGate memory) {
  private static final int CALIBRATION_ROW = 200; // tokens; a passage's, if a role allows as many
  private static final long LEAST_CALIBRATED = 1024;
  private static final Duration CALIBRATION_PATIENCE = Duration.ofSeconds(10);

  /** Loads the model on one device. */
  @FunctionalInterface
  interface Loader {
    ModelRunner load(Device device) throws IOException;
  }

  /**
   * Loads a model on a device, or on each of several.
   *
   * @param name of threads
   * @param role that is calibrated with
   * @param longest row that it allows, in tokens
   * @throws IOException as {@code loader} does; what was loaded before is closed
   */
  static ScheduledRunner load(
      Device device, Schedule wish, String name, String role, int longest, Loader loader)
      throws IOException {
    Schedule schedule = wish;
    List<Device> devices = each(device);
    List<ModelRunner> runners = new ArrayList<>();
    try {
      for (Device one : devices) {
        ModelRunner runner = loader.load(one);
        runners.add(runner);
        if (schedule.calibrated()) {
          Calibration calibration =
              new Calibration(
                  role,
                  Math.min(CALIBRATION_ROW, longest),
                  LEAST_CALIBRATED,
                  Schedule.CUDA_MOST_CALIBRATED,
                  CALIBRATION_PATIENCE,
                  System::nanoTime);
          schedule = schedule.withBatchTokens(calibration.batchTokens(runner));
        }
        if (schedule.joinDelay().isPresent()) {
          if (runner instanceof JoiningRunner joining) {
            JoinedRuns.Limits limits = schedule.joinLimits(schedule.joinDelay().get());
            String threads = devices.size() == 1 ? name : name + "-" + runners.size();
            runners.set(
                runners.size() - 1,
                new JoinedRuns(joining, threads, schedule.parallelCalls(), limits));
          } else {
            schedule = schedule.apart();
          }
        }
      }
      return new ScheduledRunner(
          runners.size() == 1 ? runners.get(0) : new RunnerPool(runners),
          schedule.planner(),
          schedule.callers(devices.size()),
          schedule.memoryGate(devices.size()));
    } catch (IOException | RuntimeException | Error e) {
      try {
        RunnerPool.closeAll(runners);
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private static List<Device> each(Device device) {
    return device instanceof Device.Cuda cuda
        ? cuda.ordinals().stream().<Device>map(Device::cuda).toList()
        : List.of(device);
  }
}
