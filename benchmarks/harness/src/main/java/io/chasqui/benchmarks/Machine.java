package io.chasqui.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The machine in words, for a table's caption. */
public final class Machine {
  private Machine() {}

  /** Processor, cores, memory, system, JVM; the load when it is asked. */
  public static String describe() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %d GB, %s %s, JVM %s, load average %.1f",
        processor(),
        system.getAvailableProcessors(),
        Math.round(system.getTotalMemorySize() / 1e9),
        system.getName(),
        system.getArch(),
        Runtime.version(),
        system.getSystemLoadAverage());
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor"; // only Linux has the file
    }
  }
}
