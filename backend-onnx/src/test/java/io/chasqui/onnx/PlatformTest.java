package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x64",
    "Linux, aarch64, linux-aarch64",
    "Mac OS X, aarch64, osx-aarch64",
    "Windows 11, amd64, win-x64"
  })
  void supportedPlatformsHaveAFolder(String os, String arch, String folder) {
    Platform platform = new Platform(os, arch, false);
    assertEquals(Optional.of(folder), platform.folder());
    assertEquals(Optional.empty(), platform.objection());
  }

  @ParameterizedTest
  @CsvSource({
    "Mac OS X, x86_64, Intel Macs are no longer served",
    "Windows 11, aarch64, build ONNX Runtime yourself",
    "Linux, riscv64, this JVM runs on Linux riscv64",
    "FreeBSD, amd64, this JVM runs on FreeBSD amd64"
  })
  void otherPlatformsAreToldWhatToDo(String os, String arch, String advice) {
    Platform platform = new Platform(os, arch, false);
    assertEquals(Optional.empty(), platform.folder());
    assertTrue(platform.objection().orElseThrow().contains(advice), platform.objection()::get);
  }

  @Test
  void alpineIsToldToUseGlibc() {
    String objection = new Platform("Linux", "amd64", true).objection().orElseThrow();
    assertTrue(objection.contains("Alpine"), objection);
    assertTrue(objection.contains("Use an image with glibc"), objection);
  }

  @Test
  void thisMachineIsServed() {
    assertEquals(Optional.empty(), Platform.current().objection());
  }
}
