package io.chasqui.index;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link FileLayer} of the file system. Interrupts neither break nor stop its calls. */
final class DiskFiles implements FileLayer {
  static final FileLayer INSTANCE = new DiskFiles();
  private static final Logger LOG = LoggerFactory.getLogger(DiskFiles.class);

  private DiskFiles() {}

  @Override
  public void createDirectories(Path directory) throws IOException {
    List<Path> parents = new ArrayList<>(); // of directories that are not there yet
    for (Path at = directory.toAbsolutePath(); at != null && !Files.exists(at); ) {
      at = at.getParent();
      if (at != null) {
        parents.add(at);
      }
    }
    Files.createDirectories(directory);
    for (Path parent : parents) {
      syncDirectory(parent);
    }
  }

  @Override
  public Closeable lock(Path directory) throws IOException {
    return WriteLock.acquire(directory);
  }

  @Override
  public Output create(Path file) throws IOException {
    Files.createFile(file);
    FileOutputStream out = new FileOutputStream(file.toFile());
    return new Output() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void sync() throws IOException {
        out.getFD().sync();
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    if (System.getProperty("os.name", "").startsWith("Windows")) {
      return; // directories cannot be opened there; NTFS journals its metadata
    }
    uninterrupted(
        () -> {
          try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
            return true;
          }
        });
  }

  @Override
  public void publish(Path temporary, Path target) throws IOException {
    try {
      // A link refuses to replace a file; an atomic move would do so silently.
      Files.createLink(target, temporary);
      deleteOrLog(temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      LOG.debug("no hard links in {}: publishing by atomic move", target.getParent());
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void deleteOrLog(Path temporary) {
    try {
      Files.delete(temporary);
    } catch (IOException e) {
      LOG.debug("left {} behind; the next commit deletes it", temporary, e);
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> String.valueOf(f.getFileName())).sorted().toList();
    }
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public byte[] read(Path file, long position, int length) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[length];
      in.seek(position);
      in.readFully(bytes);
      return bytes;
    }
  }

  @Override
  public Input open(Path file) throws IOException {
    return new ChannelInput(file);
  }

  /** A channel of one thread's own: an interrupt closes it for nobody else. */
  private static final class ChannelInput implements Input {
    private final Path file;
    private FileChannel channel;

    ChannelInput(Path file) throws IOException {
      this.file = file;
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      int start = target.position();
      uninterrupted(
          () -> {
            if (!channel.isOpen()) {
              channel = FileChannel.open(file, StandardOpenOption.READ);
            }
            target.position(start);
            while (target.hasRemaining()) {
              if (channel.read(target, position + target.position() - start) < 0) {
                throw new EOFException(file + " has become shorter");
              }
            }
            return true;
          });
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public ByteBuffer map(Path file, long position, int length) throws IOException {
    return uninterrupted(
        () -> {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel
                .map(FileChannel.MapMode.READ_ONLY, position, length)
                .order(ByteOrder.LITTLE_ENDIAN);
          }
        });
  }

  @Override
  public void reclaim() {
    System.gc(); // Java 17 has no other way to unmap
  }

  private interface Action<T> {
    T run() throws IOException;
  }

  /** Repeats what an interrupt broke (channels close themselves), then restores the interrupt. */
  private static <T> T uninterrupted(Action<T> action) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return action.run();
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
