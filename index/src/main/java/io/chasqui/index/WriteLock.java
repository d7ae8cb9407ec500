package io.chasqui.index;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to an index: one handle at a time, in this process and among processes. Given
 * back by the operating system when a process dies.
 *
 * <p>POSIX gives all locks of a process on a file up as soon as the process closes any channel on
 * it. So the file is not even opened if this process has the lock: the system's properties, which
 * all class loaders share, say so.
 */
final class WriteLock implements Closeable {
  static final String FILE = "write.lock";
  private static final String HELD = "io.chasqui.index.held:";

  /** Channels on files that somebody else in this process has locked: closing one would unlock. */
  private static final Map<Path, FileChannel> NOT_TO_BE_CLOSED = new ConcurrentHashMap<>();

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
    if (System.getProperties().putIfAbsent(HELD + key, "") != null) {
      throw new IndexLockedException(directory, "another handle in this process");
    }
    boolean done = false;
    try {
      WriteLock lock = new WriteLock(key, lock(directory, key));
      done = true;
      return lock;
    } finally {
      if (!done) {
        System.getProperties().remove(HELD + key);
      }
    }
  }

  private static FileChannel lock(Path directory, Path key) throws IOException {
    FileChannel channel = NOT_TO_BE_CLOSED.remove(key);
    if (channel == null) {
      channel =
          FileChannel.open(key.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
    boolean close = true;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IndexLockedException(directory, "another process");
      }
      close = false;
      return channel;
    } catch (OverlappingFileLockException e) {
      // By another path to the directory, or by code that is not this class.
      close = false;
      NOT_TO_BE_CLOSED.put(key, channel);
      throw new IndexLockedException(directory, "other code in this process");
    } finally {
      if (close) {
        channel.close();
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
        System.getProperties().remove(HELD + key);
      }
    }
  }
}
