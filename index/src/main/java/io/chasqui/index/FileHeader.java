package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of every file of an index. All numbers are little-endian; the data begin right
 * behind, so that vectors lie at multiples of 64 bytes.
 *
 * @param type what the file holds
 * @param index the index it belongs to
 * @param generation the commit that wrote it
 * @param a first number of the type's own: rows
 * @param b second number: floats per vector
 * @param c third number: code of the element type
 */
record FileHeader(FileType type, UUID index, long generation, int a, int b, int c) {
  static final int BYTES = 64;
  static final int FOOTER_BYTES = 32;

  /** Data bytes under one checksum. */
  static final int BLOCK_BYTES = 1 << 16;

  /** The newest version that this code reads, and the one that it writes. */
  static final int VERSION = 1;

  private static final byte[] MAGIC = {'C', 'H', 'A', 'S', 'Q', 'U', 'I', '\n'};
  private static final int CRC_AT = BYTES - Integer.BYTES;

  byte[] encode() {
    return encode(VERSION);
  }

  byte[] encode(int version) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putInt(type.tag()).putInt(version);
    bytes.putLong(index.getMostSignificantBits()).putLong(index.getLeastSignificantBits());
    bytes.putLong(generation).putInt(a).putInt(b).putInt(c);
    bytes.putInt(CRC_AT, crc(bytes.array(), 0, CRC_AT));
    return bytes.array();
  }

  /**
   * Reads a header.
   *
   * @throws IndexCorruptException if it is none, or one of another type
   * @throws IndexVersionException if it is intact, but newer than this code
   */
  static FileHeader decode(Path file, FileType expected, byte[] header) {
    ByteBuffer bytes = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new IndexCorruptException(file, 0, "header: this is no file of a Chasqui index");
    }
    int found = crc(header, 0, CRC_AT);
    if (bytes.getInt(CRC_AT) != found) {
      throw new IndexCorruptException(
          file, 0, "header: checksum is " + hex(found) + ", not " + hex(bytes.getInt(CRC_AT)));
    }
    int version = bytes.getInt(12);
    if (version > VERSION) {
      throw new IndexVersionException(file, version, VERSION);
    }
    if (version < 1) {
      throw new IndexCorruptException(file, 12, "header: format version " + version);
    }
    if (bytes.getInt(8) != expected.tag()) {
      throw new IndexCorruptException(file, 8, "header: this file does not hold " + expected);
    }
    return new FileHeader(
        expected,
        new UUID(bytes.getLong(16), bytes.getLong(24)),
        bytes.getLong(32),
        bytes.getInt(40),
        bytes.getInt(44),
        bytes.getInt(48));
  }

  static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  static String hex(int checksum) {
    return String.format("%08x", checksum);
  }
}
