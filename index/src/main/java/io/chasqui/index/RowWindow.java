package io.chasqui.index;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Up to four rows of floats in memory, and the handle of the file that they are read from. One
 * thread at a time.
 */
final class RowWindow implements Closeable {
  private final FramedFile file;
  private final int dimension;
  private final int rowBytes;
  private final FileLayer.Input in;
  private final ByteBuffer bytes;
  private final Object[] handles = new Object[4];
  private final int[] starts = new int[4];
  private final float[] sums = new float[4];

  RowWindow(FramedFile file, int dimension) throws IOException {
    this.file = file;
    this.dimension = dimension;
    this.rowBytes = ElementType.FLOAT32.rowBytes(dimension);
    this.bytes = ByteBuffer.allocateDirect(4 * rowBytes).order(ByteOrder.LITTLE_ENDIAN);
    // Read-only, as mappings are: the kernel then meets buffers of one class.
    Object handle = Kernels.BEST.handle(bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
    for (int row = 0; row < 4; row++) {
      handles[row] = handle;
      starts[row] = row * rowBytes;
    }
    this.in = file.open();
  }

  /** Reads up to four rows, verified; those that follow each other at once. */
  void read(int[] ordinals, int from, int count) throws IOException {
    for (int i = from; i < from + count; i++) {
      verifyRow(ordinals[i]);
    }
    for (int done = 0; done < count; ) {
      int first = ordinals[from + done];
      int rows = 1;
      while (done + rows < count && ordinals[from + done + rows] == first + rows) {
        rows++;
      }
      fill((long) first * rowBytes, done * rowBytes, rows * rowBytes);
      done += rows;
    }
  }

  private void verifyRow(int ordinal) throws IOException {
    long offset = (long) ordinal * rowBytes;
    int last = Checksums.block(offset + rowBytes - 1);
    for (int block = Checksums.block(offset); block <= last; block++) {
      if (!file.checksums().isVerified(block)) {
        verify(block);
      }
    }
  }

  private void fill(long offset, int at, int length) throws IOException {
    in.read(FileHeader.BYTES + offset, bytes.limit(at + length).position(at));
  }

  /** Reads a block over all places. */
  private void verify(int block) throws IOException {
    CRC32C crc = new CRC32C();
    long end = file.checksums().end(block);
    for (long at = file.checksums().start(block); at < end; ) {
      int part = (int) Math.min(end - at, bytes.capacity());
      fill(at, 0, part);
      crc.update(bytes.limit(part).position(0));
      at += part;
    }
    file.checksums().verify(block, crc);
  }

  /** The similarities of the rows that were read last. */
  void compare(float[] query, int count, float[] similarities, int at) {
    if (count > 2) {
      Kernels.BEST.dotMapped(handles, starts, query, dimension, sums);
      System.arraycopy(sums, 0, similarities, at, count);
      return;
    }
    for (int row = 0; row < count; row++) {
      similarities[at + row] = Kernels.BEST.dotMapped(handles[row], starts[row], query, dimension);
    }
  }

  void copy(float[] target) {
    bytes.limit(rowBytes).position(0).asFloatBuffer().get(target, 0, dimension);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
