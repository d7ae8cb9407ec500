package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/** CPU time and memory of another process, as the system accounts for it. */
final class ProcessMeter {
  private final ProcessHandle process;

  ProcessMeter(ProcessHandle process) {
    this.process = process;
  }

  /** CPU time of all of its threads so far; in steps of 10 ms on Linux. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /** The most bytes it ever had in memory, mapped files included; only Linux tells. */
  OptionalLong peakBytes() {
    return statusBytes("VmHWM:");
  }

  /** The same without mapped files: what no other process can share. */
  OptionalLong privateBytes() {
    return statusBytes("RssAnon:");
  }

  private OptionalLong statusBytes(String field) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // not Linux, or the process has ended
    }
  }
}
