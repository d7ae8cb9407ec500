package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;

/**
 * A file of an index, opened: its frame is checked, its data are mapped, and each block of data is
 * verified when first asked for. Thread-safe; mapped memory is given back by the garbage collector.
 */
final class FramedFile {
  /** Largest part of a file in one mapping. */
  static final int MAX_CHUNK_BYTES = 1 << 30;

  private final Path path;
  private final FileHeader header;
  private final FileInfo info;
  private final long dataLength;
  private final byte[] table;
  private final int chunkBytes;
  private final ByteBuffer[] chunks;
  private final AtomicLongArray verified; // one bit a block

  private FramedFile(
      Path path,
      FileHeader header,
      FileInfo info,
      long dataLength,
      byte[] table,
      int chunkBytes,
      ByteBuffer[] chunks) {
    this.path = path;
    this.header = header;
    this.info = info;
    this.dataLength = dataLength;
    this.table = table;
    this.chunkBytes = chunkBytes;
    this.chunks = chunks;
    this.verified = new AtomicLongArray((table.length / Integer.BYTES + 63) / 64);
  }

  /**
   * Opens a file and checks header, table of checksums and footer.
   *
   * @param expected what the manifest says; empty for the manifest itself
   * @param rowBytes data are mapped in chunks of whole rows of this many bytes
   * @throws IndexCorruptException if the frame is damaged or differs from {@code expected}
   */
  static FramedFile open(
      FileLayer files, Path path, FileType type, Optional<FileInfo> expected, int rowBytes)
      throws IOException {
    long length = files.size(path);
    if (expected.isPresent() && length != expected.get().length()) {
      throw new IndexCorruptException(
          path,
          Math.min(length, expected.get().length()),
          "the file has " + length + " bytes; the manifest says " + expected.get().length());
    }
    if (length < FileHeader.BYTES + FileHeader.FOOTER_BYTES) {
      throw new IndexCorruptException(
          path, length, "the file has " + length + " bytes, too few for header and footer");
    }
    byte[] headerBytes = files.read(path, 0, FileHeader.BYTES);
    FileHeader header = FileHeader.decode(path, type, headerBytes);
    long footerAt = length - FileHeader.FOOTER_BYTES;
    byte[] footerBytes = files.read(path, footerAt, FileHeader.FOOTER_BYTES);
    ByteBuffer footer = ByteBuffer.wrap(footerBytes).order(ByteOrder.LITTLE_ENDIAN);
    int crcAt = FileHeader.FOOTER_BYTES - Integer.BYTES;
    require(
        footer.getInt(crcAt) == FileHeader.crc(footerBytes, 0, crcAt),
        path,
        footerAt,
        "footer: its checksum does not fit");
    long dataLength = footer.getLong(0);
    require(
        footer.getLong(8) == length && footer.getInt(16) == FileHeader.BLOCK_BYTES,
        path,
        footerAt,
        "footer: it was written for a file of " + footer.getLong(8) + " bytes, not " + length);
    long blocks = ceilDiv(dataLength, FileHeader.BLOCK_BYTES);
    require(
        dataLength >= 0
            && FileHeader.BYTES + dataLength + blocks * Integer.BYTES + FileHeader.FOOTER_BYTES
                == length,
        path,
        footerAt,
        "footer: " + dataLength + " bytes of data do not fit a file of " + length);
    long tableAt = FileHeader.BYTES + dataLength;
    byte[] table = files.read(path, tableAt, Math.toIntExact(blocks * Integer.BYTES));
    require(
        footer.getInt(20) == FileHeader.crc(table, 0, table.length),
        path,
        tableAt,
        "table of checksums: its own checksum does not fit");
    CRC32C digest = new CRC32C();
    digest.update(headerBytes);
    digest.update(table);
    FileInfo info =
        new FileInfo(String.valueOf(path.getFileName()), length, (int) digest.getValue());
    require(
        footer.getInt(24) == info.digest(), path, footerAt, "footer: header or table were swapped");
    if (expected.isPresent() && expected.get().digest() != info.digest()) {
      throw new IndexCorruptException(
          path,
          -1,
          "the file is intact but another one: its digest is "
              + FileHeader.hex(info.digest())
              + "; the manifest says "
              + FileHeader.hex(expected.get().digest()));
    }
    int chunkBytes = MAX_CHUNK_BYTES / rowBytes * rowBytes;
    return new FramedFile(
        path,
        header,
        info,
        dataLength,
        table,
        chunkBytes,
        mapChunks(files, path, dataLength, chunkBytes));
  }

  private static ByteBuffer[] mapChunks(FileLayer files, Path path, long dataLength, int chunkBytes)
      throws IOException {
    ByteBuffer[] chunks = new ByteBuffer[Math.toIntExact(ceilDiv(dataLength, chunkBytes))];
    for (int i = 0; i < chunks.length; i++) {
      long start = (long) i * chunkBytes;
      int size = (int) Math.min(chunkBytes, dataLength - start);
      chunks[i] = files.map(path, FileHeader.BYTES + start, size);
    }
    return chunks;
  }

  private static long ceilDiv(long bytes, int each) {
    return bytes / each + (bytes % each == 0 ? 0 : 1); // JDK 17 has no Math.ceilDiv
  }

  private static void require(boolean condition, Path file, long offset, String problem) {
    if (!condition) {
      throw new IndexCorruptException(file, offset, problem);
    }
  }

  Path path() {
    return path;
  }

  FileHeader header() {
    return header;
  }

  FileInfo info() {
    return info;
  }

  long dataLength() {
    return dataLength;
  }

  int chunkBytes() {
    return chunkBytes;
  }

  /** The mapped data, in chunks of {@link #chunkBytes}; the last may be shorter. */
  ByteBuffer[] chunks() {
    return chunks;
  }

  /** Verifies the blocks that hold these bytes, unless that was done before. */
  void verify(long offset, long length) {
    if (length == 0) {
      return;
    }
    int last = (int) ((offset + length - 1) / FileHeader.BLOCK_BYTES);
    for (int block = (int) (offset / FileHeader.BLOCK_BYTES); block <= last; block++) {
      if ((verified.getPlain(block >>> 6) & 1L << block) == 0) {
        verifyBlock(block);
      }
    }
  }

  /** Verifies whatever has not been verified before. */
  void verifyAll() {
    verify(0, dataLength);
  }

  private void verifyBlock(int block) {
    long start = (long) block * FileHeader.BLOCK_BYTES;
    long end = Math.min(dataLength, start + FileHeader.BLOCK_BYTES);
    CRC32C crc = new CRC32C();
    for (long at = start; at < end; ) {
      int within = (int) (at % chunkBytes);
      ByteBuffer chunk = chunks[(int) (at / chunkBytes)];
      int part = (int) Math.min(end - at, chunk.capacity() - within);
      crc.update(chunk.slice(within, part));
      at += part;
    }
    int found = (int) crc.getValue();
    int expected =
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).getInt(block * Integer.BYTES);
    if (found != expected) {
      throw new IndexCorruptException(
          path,
          FileHeader.BYTES + start,
          "data block "
              + block
              + " has checksum "
              + FileHeader.hex(found)
              + ", not "
              + FileHeader.hex(expected)
              + " (generation "
              + header.generation()
              + ")");
    }
    verified.accumulateAndGet(block >>> 6, 1L << block, (a, b) -> a | b);
  }

  /** Copies verified bytes of the data. */
  void read(long offset, byte[] target, int length) {
    if (offset < 0 || length < 0 || offset + length > dataLength) {
      throw new IndexCorruptException(
          path, FileHeader.BYTES + offset, "a record reaches beyond the data");
    }
    verify(offset, length);
    int done = 0;
    while (done < length) {
      int within = (int) ((offset + done) % chunkBytes);
      ByteBuffer chunk = chunks[(int) ((offset + done) / chunkBytes)];
      int part = Math.min(length - done, chunk.capacity() - within);
      chunk.get(within, target, done, part);
      done += part;
    }
  }

  /** Eight bytes of the data as a number. */
  long getLong(long offset) {
    byte[] bytes = new byte[Long.BYTES];
    read(offset, bytes, bytes.length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Some bytes of the data, for parsing. */
  ByteReader reader(long offset, int length) {
    byte[] bytes = new byte[length];
    read(offset, bytes, length);
    return new ByteReader(path, FileHeader.BYTES + offset, bytes);
  }

  /** All the data as a stream. */
  InputStream stream() {
    return new InputStream() {
      private final byte[] one = new byte[1];
      private long at;

      @Override
      public int read() {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        if (length == 0) {
          return 0;
        }
        if (at == dataLength) {
          return -1;
        }
        byte[] part = new byte[(int) Math.min(length, dataLength - at)];
        FramedFile.this.read(at, part, part.length);
        System.arraycopy(part, 0, target, offset, part.length);
        at += part.length;
        return part.length;
      }
    };
  }
}
