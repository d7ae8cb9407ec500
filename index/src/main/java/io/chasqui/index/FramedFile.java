package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file of an index whose frame was checked: header, table of checksums and footer. Its data are
 * read, or mapped, when asked for. Thread-safe; holds no handle.
 */
final class FramedFile {
  private final FileLayer files;
  private final Path path;
  private final FileHeader header;
  private final FileInfo info;
  private final long dataLength;
  private final Checksums checksums;

  private FramedFile(
      FileLayer files,
      Path path,
      FileHeader header,
      FileInfo info,
      long dataLength,
      Checksums checksums) {
    this.files = files;
    this.path = path;
    this.header = header;
    this.info = info;
    this.dataLength = dataLength;
    this.checksums = checksums;
  }

  /**
   * Opens a file and checks header, table of checksums and footer.
   *
   * @param expected what the manifest says; empty for the manifest itself
   * @throws IndexCorruptException if the frame is damaged or differs from {@code expected}
   */
  static FramedFile open(FileLayer files, Path path, FileType type, Optional<FileInfo> expected)
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
    Checksums checksums = new Checksums(path, header.generation(), dataLength, table);
    return new FramedFile(files, path, header, info, dataLength, checksums);
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

  Checksums checksums() {
    return checksums;
  }

  /** Maps some of the data, which are not verified by that. */
  ByteBuffer map(long offset, int length) throws IOException {
    return files.map(path, FileHeader.BYTES + offset, length);
  }

  /** Opens the file for reading; positions are those of the file, data begin behind the header. */
  FileLayer.Input open() throws IOException {
    return files.open(path);
  }

  /** What is thrown if the disk does not give what is there. */
  IndexCorruptException unreadable(IOException e) {
    return new IndexCorruptException(path, -1, "the file can't be read", e);
  }

  /** Reads whatever has not been verified before and compares it with its checksums. */
  void verifyAll() throws IOException {
    int block = nextUnverified(0);
    if (block == checksums.blocks()) {
      return;
    }
    byte[] bytes = new byte[FileHeader.BLOCK_BYTES];
    try (FileLayer.Input in = open()) {
      for (; block < checksums.blocks(); block = nextUnverified(block + 1)) {
        read(in, block, bytes);
      }
    }
  }

  private int nextUnverified(int from) {
    int block = from;
    while (block < checksums.blocks() && checksums.isVerified(block)) {
      block++;
    }
    return block;
  }

  /** Reads a block and verifies it; its length. */
  private int read(FileLayer.Input in, int block, byte[] target) throws IOException {
    int length = (int) (checksums.end(block) - checksums.start(block));
    in.read(FileHeader.BYTES + checksums.start(block), ByteBuffer.wrap(target, 0, length));
    CRC32C crc = new CRC32C();
    crc.update(target, 0, length);
    checksums.verify(block, crc);
    return length;
  }

  /** All the data, verified, for parsing. */
  ByteReader reader() throws IOException {
    if (dataLength > Integer.MAX_VALUE - 64) {
      throw new IndexCorruptException(path, -1, dataLength + " bytes are too many to parse");
    }
    byte[] bytes = new byte[(int) dataLength];
    try (InputStream in = stream()) {
      in.readNBytes(bytes, 0, bytes.length);
    }
    return new ByteReader(path, FileHeader.BYTES, bytes);
  }

  /** All the data as a stream, each block verified before it is handed out. */
  InputStream stream() throws IOException {
    FileLayer.Input in = open();
    return new InputStream() {
      private final byte[] one = new byte[1];
      private final byte[] bytes = new byte[FileHeader.BLOCK_BYTES];
      private int block; // the next
      private int at;
      private int end;

      @Override
      public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        if (at == end) {
          if (block == checksums.blocks()) {
            return -1;
          }
          end = FramedFile.this.read(in, block++, bytes);
          at = 0;
        }
        int part = Math.min(length, end - at);
        System.arraycopy(bytes, at, target, offset, part);
        at += part;
        return part;
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }
}
