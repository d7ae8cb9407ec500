package io.chasqui.index;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything an index does with files, in one place, so that tests can make any of it fail.
 * Thread-safe.
 */
interface FileLayer {
  /** A file being written. */
  interface Output extends Closeable {
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Returns when what was written has reached the disk. */
    void sync() throws IOException;
  }

  /** A file being read, by one thread at a time. */
  interface Input extends Closeable {
    /**
     * Fills what remains of a buffer with bytes that are known to be there.
     *
     * @throws java.nio.file.FileSystemException if an interrupt closed the file, and it can't be
     *     opened again (it has been deleted meanwhile)
     */
    void read(long position, ByteBuffer target) throws IOException;
  }

  /** Makes a directory and those above it, unless they are there; made ones reach the disk. */
  void createDirectories(Path directory) throws IOException;

  /**
   * Takes the right to write to the index in a directory, until closed.
   *
   * @throws IndexLockedException if somebody else has it
   */
  Closeable lock(Path directory) throws IOException;

  /** Creates a file; fails if it exists. */
  Output create(Path file) throws IOException;

  /** Returns when the directory's entries have reached the disk. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Gives a complete file its final name, all at once.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the name is taken
   */
  void publish(Path temporary, Path target) throws IOException;

  void delete(Path file) throws IOException;

  /** The names of the files in a directory; none if there is no such directory. */
  List<String> list(Path directory) throws IOException;

  long size(Path file) throws IOException;

  /** Reads bytes that are known to be there. */
  byte[] read(Path file, long position, int length) throws IOException;

  /** Opens a file for reading. */
  Input open(Path file) throws IOException;

  /** Maps bytes that are known to be there; read-only, little-endian. */
  ByteBuffer map(Path file, long position, int length) throws IOException;

  /**
   * Gives back, as far as it can, the space of deleted files that are still mapped: called when
   * something could not be written. Costs a garbage collection.
   */
  void reclaim();
}
