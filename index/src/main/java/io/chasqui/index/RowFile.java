package io.chasqui.index;

import java.nio.ByteBuffer;

/**
 * Rows of one length in a mapped file: where each lies, for the kernel. A row is verified when it
 * is asked for. Thread-safe.
 */
final class RowFile {
  private final MappedFile file;
  private final int rowBytes;
  private final int rowsPerChunk;
  private final ByteBuffer[] chunks;
  private final Object[] handles;

  RowFile(MappedFile file, int rowBytes) {
    this.file = file;
    this.rowBytes = rowBytes;
    this.rowsPerChunk = file.chunkBytes() / rowBytes;
    this.chunks = file.chunks();
    this.handles = new Object[chunks.length];
    for (int i = 0; i < chunks.length; i++) {
      handles[i] = Kernels.BEST.handle(chunks[i]);
    }
  }

  /** The mapping that holds a row, verified. */
  ByteBuffer bytes(int ordinal) {
    file.verify((long) ordinal * rowBytes, rowBytes);
    return chunks[ordinal / rowsPerChunk];
  }

  /** The kernel's handle of the mapping that holds a row, verified. */
  Object handle(int ordinal) {
    file.verify((long) ordinal * rowBytes, rowBytes);
    return handles[ordinal / rowsPerChunk];
  }

  /** The byte of the mapping at which a row begins. */
  int start(int ordinal) {
    return ordinal % rowsPerChunk * rowBytes;
  }

  void verifyAll() {
    file.verifyAll();
  }
}
