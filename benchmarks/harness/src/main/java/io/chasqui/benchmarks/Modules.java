package io.chasqui.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Class paths of the benchmark modules, as {@code mvn -Pbenchmarks package} left them. */
public final class Modules {
  private final Path root;

  private Modules(Path root) {
    this.root = root;
  }

  /**
   * Modules below a folder.
   *
   * @param root the project's {@code benchmarks} folder
   */
  public static Modules below(Path root) {
    return new Modules(root.toAbsolutePath().normalize());
  }

  /**
   * Classes and dependencies of a module ("peer-langchain4j"), absolute.
   *
   * @throws NoSuchFileException if it was not built; says how
   */
  public String classPath(String module) throws IOException {
    Path target = root.resolve(module).resolve("target");
    Path file = target.resolve("class-path");
    if (!Files.exists(file) || !Files.isDirectory(target.resolve("classes"))) {
      throw new NoSuchFileException(
          file.toString(), null, "not built; run: mvn -Pbenchmarks -DskipTests package");
    }
    return target.resolve("classes") + File.pathSeparator + Files.readString(file).strip();
  }

  /** A file of a module, absolute. */
  public Path file(String module, String path) {
    return root.resolve(module).resolve(path);
  }
}
