package io.chasqui.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /**
   * What it has on NVIDIA devices; empty without {@code nvidia-smi}, or if it has nothing there.
   */
  OptionalLong deviceBytes() {
    try {
      Process query =
          new ProcessBuilder(
                  "nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String pid = Long.toString(process.pid());
      try (BufferedReader lines = query.inputReader()) {
        return lines
            .lines()
            .map(line -> line.split(",", -1))
            .filter(fields -> fields.length == 2 && fields[0].strip().equals(pid))
            .mapToLong(fields -> Long.parseLong(fields[1].replaceAll("\\D", "")) << 20) // MiB
            .reduce(Long::sum);
      }
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return OptionalLong.empty(); // no such program, or a device that does not tell
    }
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
