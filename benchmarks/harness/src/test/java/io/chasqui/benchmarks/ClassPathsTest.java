package io.chasqui.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ClassPathsTest {
  private static final String PATH =
      String.join(
          File.pathSeparator,
          "classes",
          "lib/onnxruntime-1.29.0.jar",
          "lib/onnxruntime-extensions-0.13.0.jar");

  @Test
  void oneLibraryIsReplaced() {
    Path jar = Path.of("gpu", "onnxruntime_gpu-1.29.0.jar").toAbsolutePath();
    assertEquals(
        String.join(
            File.pathSeparator, "classes", jar.toString(), "lib/onnxruntime-extensions-0.13.0.jar"),
        ClassPaths.withLibrary(PATH, "onnxruntime", jar));
  }

  @Test
  void aLibraryThatIsNotThereOrTwiceIsAnError() {
    Path jar = Path.of("other.jar");
    String twice = PATH + File.pathSeparator + "onnxruntime-1.20.0.jar";
    assertThrows(IllegalArgumentException.class, () -> ClassPaths.withLibrary(PATH, "lucene", jar));
    assertThrows(
        IllegalArgumentException.class, () -> ClassPaths.withLibrary(twice, "onnxruntime", jar));
  }
}
