package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;

/**
 * What the blocks of a file's data must add up to, and which of them have been compared with that.
 * Thread-safe.
 */
final class Checksums {
  private final Path path;
  private final long generation;
  private final long dataLength;
  private final byte[] table;
  private final AtomicLongArray verified; // one bit a block

  /**
   * @param generation of the file, for messages
   * @param table CRC32C of each block
   */
  Checksums(Path path, long generation, long dataLength, byte[] table) {
    this.path = path;
    this.generation = generation;
    this.dataLength = dataLength;
    this.table = table;
    this.verified = new AtomicLongArray((blocks() + 63) / 64);
  }

  int blocks() {
    return table.length / Integer.BYTES;
  }

  /** The byte of the data at which a block begins. */
  long start(int block) {
    return (long) block * FileHeader.BLOCK_BYTES;
  }

  /** The byte of the data behind a block. */
  long end(int block) {
    return Math.min(dataLength, start(block) + FileHeader.BLOCK_BYTES);
  }

  /** The block that holds a byte of the data. */
  static int block(long offset) {
    return (int) (offset / FileHeader.BLOCK_BYTES);
  }

  boolean isVerified(int block) {
    return (verified.getPlain(block >>> 6) & 1L << block) != 0;
  }

  /**
   * Notes that a block was read, if it is what was written.
   *
   * @param crc of the whole block
   * @throws IndexCorruptException if it is not
   */
  void verify(int block, CRC32C crc) {
    int found = (int) crc.getValue();
    int expected =
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).getInt(block * Integer.BYTES);
    if (found != expected) {
      throw new IndexCorruptException(
          path,
          FileHeader.BYTES + start(block),
          "data block "
              + block
              + " has checksum "
              + FileHeader.hex(found)
              + ", not "
              + FileHeader.hex(expected)
              + " (generation "
              + generation
              + ")");
    }
    verified.accumulateAndGet(block >>> 6, 1L << block, (a, b) -> a | b);
  }
}
