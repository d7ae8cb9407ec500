package io.chasqui.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalLong;

/** Memory of all NVIDIA devices, whoever has it: in a container nobody is told of processes. */
final class DeviceMemory {
  private DeviceMemory() {}

  /** Bytes in use; empty without {@code nvidia-smi}. */
  static OptionalLong used() {
    try {
      Process query =
          new ProcessBuilder("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader lines = query.inputReader()) {
        return sum(lines.lines().toList());
      }
    } catch (IOException | UncheckedIOException e) {
      return OptionalLong.empty(); // no such program
    }
  }

  /** Bytes in lines such as "1234 MiB", one a device; empty if any of them is something else. */
  static OptionalLong sum(List<String> lines) {
    long bytes = 0;
    for (String line : lines) {
      if (!line.strip().matches("\\d{1,9} MiB")) {
        return OptionalLong.empty();
      }
      bytes += Long.parseLong(line.replaceAll("\\D", "")) << 20;
    }
    return lines.isEmpty() ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  /** What was given back between two looks; empty if nothing was, or nobody tells. */
  static OptionalLong freed(OptionalLong before, OptionalLong after) {
    if (before.isEmpty() || after.isEmpty() || before.getAsLong() <= after.getAsLong()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(before.getAsLong() - after.getAsLong());
  }
}
