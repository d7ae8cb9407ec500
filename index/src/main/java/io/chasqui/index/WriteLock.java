package io.chasqui.index;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to an index: one handle at a time, in this process and among processes. Given
 * back by the operating system when a process dies.
 */
final class WriteLock implements Closeable {
  static final String FILE = "write.lock";

  // Looked at before the file is opened: POSIX gives a process's lock up as soon as any channel of
  // the process on the same file is closed.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;
  private boolean open = true;

  private WriteLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * @throws IndexLockedException if somebody else holds it
   */
  static WriteLock acquire(Path directory) throws IOException {
    Path key = directory.toRealPath();
    if (!HELD.add(key)) {
      throw new IndexLockedException(directory, "another handle in this process");
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel =
          FileChannel.open(key.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
      if (lock == null) {
        throw new IndexLockedException(directory, "another process");
      }
      return new WriteLock(key, channel);
    } finally {
      if (lock == null) {
        HELD.remove(key);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (open) {
      open = false;
      try {
        channel.close();
      } finally {
        HELD.remove(key);
      }
    }
  }
}
