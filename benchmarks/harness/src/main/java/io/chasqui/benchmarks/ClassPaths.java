package io.chasqui.benchmarks;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Class paths with other libraries than those that were built with. */
public final class ClassPaths {
  private ClassPaths() {}

  /**
   * A class path with one library replaced.
   *
   * @param artifact name of its jar before the version: "onnxruntime"
   * @throws IllegalArgumentException unless exactly one entry is that artifact
   */
  public static String withLibrary(String classPath, String artifact, Path jar) {
    List<String> entries = new ArrayList<>();
    int replaced = 0;
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      String name = String.valueOf(Path.of(entry).getFileName());
      boolean isIt = name.matches(artifact + "-\\d[^/]*\\.jar");
      entries.add(isIt ? jar.toAbsolutePath().toString() : entry);
      replaced += isIt ? 1 : 0;
    }
    if (replaced != 1) {
      throw new IllegalArgumentException(replaced + " entries are " + artifact + ": " + classPath);
    }
    return String.join(File.pathSeparator, entries);
  }
}
