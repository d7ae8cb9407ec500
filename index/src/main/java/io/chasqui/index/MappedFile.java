package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The data of an index's file, mapped; each block is verified when first asked for. Thread-safe;
 * mapped memory is given back by the garbage collector.
 */
final class MappedFile {
  /** Largest part of a file in one mapping. */
  static final int MAX_CHUNK_BYTES = 1 << 30;

  private final FramedFile file;
  private final Checksums checksums;
  private final int chunkBytes;
  private final ByteBuffer[] chunks;

  /**
   * @param rowBytes data are mapped in chunks of whole rows of this many bytes
   */
  MappedFile(FramedFile file, int rowBytes) throws IOException {
    this.file = file;
    this.checksums = file.checksums();
    this.chunkBytes = MAX_CHUNK_BYTES / rowBytes * rowBytes;
    this.chunks = new ByteBuffer[Math.toIntExact(ceilDiv(file.dataLength(), chunkBytes))];
    for (int i = 0; i < chunks.length; i++) {
      long start = (long) i * chunkBytes;
      chunks[i] = file.map(start, (int) Math.min(chunkBytes, file.dataLength() - start));
    }
  }

  private static long ceilDiv(long bytes, int each) {
    return bytes / each + (bytes % each == 0 ? 0 : 1); // JDK 17 has no Math.ceilDiv
  }

  Path path() {
    return file.path();
  }

  long dataLength() {
    return file.dataLength();
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
    int last = Checksums.block(offset + length - 1);
    for (int block = Checksums.block(offset); block <= last; block++) {
      if (!checksums.isVerified(block)) {
        verifyBlock(block);
      }
    }
  }

  /** Verifies whatever has not been verified before: read, so that no page of it stays mapped. */
  void verifyAll() {
    try {
      file.verifyAll();
    } catch (FileSystemException e) { // no handle is to be had; the file was deleted, say
      verify(0, dataLength());
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }

  private void verifyBlock(int block) {
    CRC32C crc = new CRC32C();
    long end = checksums.end(block);
    for (long at = checksums.start(block); at < end; ) {
      int within = (int) (at % chunkBytes);
      ByteBuffer chunk = chunks[(int) (at / chunkBytes)];
      int part = (int) Math.min(end - at, chunk.capacity() - within);
      crc.update(chunk.slice(within, part));
      at += part;
    }
    checksums.verify(block, crc);
  }

  /** Copies verified bytes of the data. */
  private void read(long offset, byte[] target) {
    if (offset < 0 || offset + target.length > dataLength()) {
      throw new IndexCorruptException(
          path(), FileHeader.BYTES + offset, "a record reaches beyond the data");
    }
    verify(offset, target.length);
    int done = 0;
    while (done < target.length) {
      int within = (int) ((offset + done) % chunkBytes);
      ByteBuffer chunk = chunks[(int) ((offset + done) / chunkBytes)];
      int part = Math.min(target.length - done, chunk.capacity() - within);
      chunk.get(within, target, done, part);
      done += part;
    }
  }

  /** Eight bytes of the data as a number. */
  long getLong(long offset) {
    byte[] bytes = new byte[Long.BYTES];
    read(offset, bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Some bytes of the data, for parsing. */
  ByteReader reader(long offset, int length) {
    byte[] bytes = new byte[length];
    read(offset, bytes);
    return new ByteReader(path(), FileHeader.BYTES + offset, bytes);
  }
}
