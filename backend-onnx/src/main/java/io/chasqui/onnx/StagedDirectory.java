package io.chasqui.onnx;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

/** A directory that appears whole under its name, or not at all. Confined to one thread. */
final class StagedDirectory implements AutoCloseable {
  private final Path path;

  private StagedDirectory(Path path) {
    this.path = path;
  }

  /** An empty one, with a temporary name in the same parent. */
  static StagedDirectory besides(Path target) throws IOException {
    Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent(), "a root directory");
    Path path = parent.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    return new StagedDirectory(Files.createDirectory(path));
  }

  Path path() {
    return path;
  }

  /** Forces all files to disk and gives the directory its name. */
  void publish(Path target) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(path)) {
      files = all.toList();
    }
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
    forceDirectory(path);
    if (Files.exists(target)) { // a rename would replace an empty directory
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    forceDirectory(Objects.requireNonNull(path.getParent()));
  }

  private static void forceDirectory(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Deletes what was not published. */
  @Override
  public void close() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
