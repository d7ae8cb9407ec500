package io.chasqui.djl;

import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a training may take, and where that is.
 *
 * @param bytes the budget, or what is free
 * @param where "free on CUDA device 0"
 */
record FreeMemory(long bytes, String where) {
  /** Looks at a device's memory. */
  @FunctionalInterface
  interface Probe {
    /** Free bytes; empty if nobody tells. */
    OptionalLong free() throws IOException;
  }

  /**
   * Of the device that trains: on CUDA the host's memory says nothing.
   *
   * @param budget bytes given by the user; 0 if there is none
   * @param gpu the number of the CUDA device; empty on the CPU
   * @return empty if nobody tells what the device has
   */
  static Optional<FreeMemory> of(long budget, Optional<Integer> gpu, Probe host, Probe device)
      throws IOException {
    if (budget > 0) {
      return Optional.of(new FreeMemory(budget, "in the budget"));
    }
    OptionalLong bytes = gpu.isPresent() ? device.free() : host.free();
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    String where = gpu.map(number -> "free on CUDA device " + number).orElse("free");
    return Optional.of(new FreeMemory(bytes.getAsLong(), where));
  }

  /** Of the machine. */
  static OptionalLong ofHost() throws IOException {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Path linux = Path.of("/proc/meminfo");
    if (Files.exists(linux)) {
      for (String line : Files.readAllLines(linux)) {
        if (line.startsWith("MemAvailable:")) {
          long kilobytes = Long.parseLong(line.replaceAll("\\D", ""));
          return OptionalLong.of(Math.min(kilobytes * 1024, system.getTotalMemorySize()));
        }
      }
    }
    return OptionalLong.of(system.getFreeMemorySize());
  }

  /** Of a CUDA device, as DJL asks the CUDA runtime; empty if it does not find that library. */
  static OptionalLong ofGpu(int number) {
    if (!CudaUtils.hasCuda()) {
      return OptionalLong.empty();
    }
    try {
      MemoryUsage usage = CudaUtils.getGpuMemory(ai.djl.Device.gpu(number));
      return OptionalLong.of(usage.getMax() - usage.getCommitted());
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty(); // the runtime's own error: it tells nothing of this device
    }
  }
}
