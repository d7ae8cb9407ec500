package io.chasqui.index;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Writes one file of an index: header, data, a checksum per block of data, footer. What is written
 * to this stream becomes data. Confined to one thread.
 */
final class FramedWriter extends OutputStream {
  private final Path file;
  private final FileLayer.Output out;
  private final byte[] block = new byte[FileHeader.BLOCK_BYTES];
  private final byte[] header;
  private int filled;
  private long dataLength;
  private byte[] table = new byte[64];
  private int tableLength;

  FramedWriter(FileLayer files, Path file, FileHeader header) throws IOException {
    this.file = file;
    this.header = header.encode();
    this.out = files.create(file);
    try {
      out.write(this.header, 0, this.header.length);
    } catch (IOException e) {
      closeAfter(e);
      throw e;
    }
  }

  private void closeAfter(IOException failure) {
    try {
      out.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void write(int value) throws IOException {
    if (filled == block.length) {
      flushBlock();
    }
    block[filled++] = (byte) value;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (filled == block.length) {
        flushBlock();
      }
      int part = Math.min(length - done, block.length - filled);
      System.arraycopy(bytes, offset + done, block, filled, part);
      filled += part;
      done += part;
    }
  }

  private void flushBlock() throws IOException {
    if (filled == 0) {
      return;
    }
    if (tableLength + Integer.BYTES > table.length) {
      table = java.util.Arrays.copyOf(table, table.length * 2);
    }
    ByteBuffer.wrap(table)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(tableLength, FileHeader.crc(block, 0, filled));
    tableLength += Integer.BYTES;
    out.write(block, 0, filled);
    dataLength += filled;
    filled = 0;
  }

  /** Writes the rest, waits until all has reached the disk, and closes the file. */
  FileInfo finish() throws IOException {
    flushBlock();
    CRC32C digest = new CRC32C();
    digest.update(header);
    digest.update(table, 0, tableLength);
    long length = FileHeader.BYTES + dataLength + tableLength + FileHeader.FOOTER_BYTES;
    ByteBuffer footer = ByteBuffer.allocate(FileHeader.FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    footer.putLong(dataLength).putLong(length).putInt(FileHeader.BLOCK_BYTES);
    footer.putInt(FileHeader.crc(table, 0, tableLength)).putInt((int) digest.getValue());
    footer.putInt(FileHeader.crc(footer.array(), 0, FileHeader.FOOTER_BYTES - Integer.BYTES));
    out.write(table, 0, tableLength);
    out.write(footer.array(), 0, FileHeader.FOOTER_BYTES);
    try {
      out.sync();
    } catch (IOException e) {
      throw new SyncFailedException(file, e);
    }
    out.close();
    return new FileInfo(String.valueOf(file.getFileName()), length, (int) digest.getValue());
  }

  /** Closes the file; without {@link #finish} it is incomplete and will be refused. */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
