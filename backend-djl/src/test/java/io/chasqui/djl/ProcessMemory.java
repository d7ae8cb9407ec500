package io.chasqui.djl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes of the machine's memory, on Linux; elsewhere 0. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Kilobytes held now. */
  static long resident() throws IOException {
    return kilobytes("VmRSS");
  }

  /** Kilobytes held at the worst moment so far. */
  static long peak() throws IOException {
    return kilobytes("VmHWM");
  }

  private static long kilobytes(String field) throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException(STATUS + " has no " + field);
  }
}
