package io.chasqui.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The operating system and processor that this JVM runs on, as far as ONNX Runtime's native
 * libraries care. Immutable.
 *
 * @param os as {@code os.name}
 * @param arch as {@code os.arch}
 * @param musl whether the JVM is linked with musl instead of glibc (Alpine Linux)
 */
record Platform(String os, String arch, boolean musl) {
  private static final String SUPPORTED =
      "ONNX Runtime's Java libraries exist for Linux with glibc (x86-64, arm64), macOS (arm64) and"
          + " Windows (x86-64)";

  /** Of this JVM. */
  static Platform current() {
    return new Platform(
        System.getProperty("os.name", ""), System.getProperty("os.arch", ""), isMusl());
  }

  private static boolean isMusl() {
    Path maps = Path.of("/proc/self/maps");
    try {
      return Files.isReadable(maps)
          && new String(Files.readAllBytes(maps), StandardCharsets.ISO_8859_1).contains("/ld-musl");
    } catch (IOException e) {
      return false; // no Linux, or a closed /proc: loading will tell
    }
  }

  /** What is wrong with this platform and what to do; empty if there are libraries for it. */
  Optional<String> objection() {
    if (musl) {
      return Optional.of(
          "this JVM runs on musl (Alpine Linux?). "
              + SUPPORTED
              + ". Use an image with glibc: eclipse-temurin:17 instead of eclipse-temurin:17-alpine,"
              + " say");
    }
    if (folder().isPresent()) {
      return Optional.empty();
    }
    String advice =
        isMac()
            ? ". Intel Macs are no longer served: run on another machine, or in a JVM for arm64 on"
                + " Apple silicon"
            : ". For others, build ONNX Runtime yourself and set -Donnxruntime.native.path";
    return Optional.of("this JVM runs on " + os + " " + arch + ". " + SUPPORTED + advice);
  }

  /** ONNX Runtime's name for this platform, "linux-x64"; empty if it has no libraries for it. */
  Optional<String> folder() {
    String system = os.toLowerCase(Locale.ENGLISH);
    boolean x64 = arch.equals("amd64") || arch.equals("x86_64");
    boolean arm64 = arch.equals("aarch64");
    if (system.contains("linux") && !musl && (x64 || arm64)) {
      return Optional.of(x64 ? "linux-x64" : "linux-aarch64");
    } else if (isMac() && arm64) {
      return Optional.of("osx-aarch64");
    } else if (system.contains("win") && !isMac() && x64) {
      return Optional.of("win-x64");
    }
    return Optional.empty();
  }

  private boolean isMac() {
    String system = os.toLowerCase(Locale.ENGLISH);
    return system.contains("mac") || system.contains("darwin");
  }
}
