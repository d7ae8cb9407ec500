package io.chasqui.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A directory that keeps ONNX Runtime's native libraries, unpacked from its jar once for each
 * version. Several processes may share it: a version's folder appears at once and complete, and is
 * never written again.
 */
final class NativeCache {
  private static final List<String> LIBRARIES =
      List.of(
          "onnxruntime",
          "onnxruntime4j_jni",
          "onnxruntime_providers_shared",
          "onnxruntime_providers_cuda");

  private NativeCache() {}

  /**
   * The folder with the libraries of one version, unpacked if it is not there.
   *
   * @param cache made if it does not exist
   * @param version "1.29.0"
   * @param platform "linux-x64"
   * @param classes whose jar holds them
   */
  static Path unpacked(Path cache, String version, String platform, Class<?> classes)
      throws IOException {
    Map<String, URL> libraries = new LinkedHashMap<>();
    long bytes = 0;
    for (String name : LIBRARIES) {
      String file = System.mapLibraryName(name);
      URL library = classes.getResource("/ai/onnxruntime/native/" + platform + "/" + file);
      if (library != null) {
        libraries.put(file, library);
        bytes += size(library);
      }
    }
    if (libraries.isEmpty()) {
      throw new IOException("no ONNX Runtime libraries for " + platform + " on the class path");
    }
    // CPU and GPU artifacts have the same version, but not the same size
    Path target = cache.resolve("onnxruntime-" + version + "-" + platform + "-" + bytes);
    if (!isComplete(target, libraries)) {
      unpack(libraries, cache, target);
    }
    return target;
  }

  private static boolean isComplete(Path target, Map<String, URL> libraries) throws IOException {
    for (Map.Entry<String, URL> library : libraries.entrySet()) {
      Path file = target.resolve(library.getKey());
      if (!Files.isRegularFile(file) || Files.size(file) != size(library.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static void unpack(Map<String, URL> libraries, Path cache, Path target)
      throws IOException {
    Files.createDirectories(cache);
    Path partial = Files.createTempDirectory(cache, "unpacking-");
    try {
      for (Map.Entry<String, URL> library : libraries.entrySet()) {
        try (InputStream in = library.getValue().openStream()) {
          Files.copy(in, partial.resolve(library.getKey()));
        }
      }
      try {
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.isDirectory(target)) {
          throw e;
        }
        requireComplete(target, libraries, e); // another process was faster
      }
    } finally {
      deleteIfThere(partial);
    }
  }

  private static void requireComplete(
      Path target, Map<String, URL> libraries, FileSystemException cause) throws IOException {
    if (!isComplete(target, libraries)) {
      throw new IOException(
          target + " does not hold what the jar holds; delete it, it will be made anew", cause);
    }
  }

  private static void deleteIfThere(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }

  private static long size(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    connection.setUseCaches(false);
    try {
      return connection.getContentLengthLong();
    } finally {
      connection.getInputStream().close();
    }
  }
}
