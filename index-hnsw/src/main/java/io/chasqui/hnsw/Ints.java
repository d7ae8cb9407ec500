package io.chasqui.hnsw;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Little-endian ints with a CRC32C behind them. Confined to one thread. */
final class Ints {
  private static final int BUFFER_BYTES = 1 << 16;

  private Ints() {}

  /** Writes ints. */
  static final class Writer {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer =
        ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final OutputStream out;

    Writer(OutputStream out) {
      this.out = out;
    }

    void put(int value) throws IOException {
      if (!buffer.hasRemaining()) {
        flush();
      }
      buffer.putInt(value);
    }

    private void flush() throws IOException {
      crc.update(buffer.array(), 0, buffer.position());
      out.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }

    /** Writes the checksum. */
    void finish() throws IOException {
      flush();
      buffer.putInt((int) crc.getValue());
      out.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
  }

  /** Reads what {@link Writer} wrote. */
  static final class Reader {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer =
        ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private final InputStream in;

    Reader(InputStream in) {
      this.in = in;
    }

    int next() throws IOException {
      while (buffer.remaining() < Integer.BYTES) {
        count();
        buffer.compact();
        int read = in.read(buffer.array(), buffer.position(), buffer.remaining());
        if (read < 0) {
          throw new EOFException("the graph is cut short");
        }
        buffer.position(buffer.position() + read).flip();
      }
      return buffer.getInt();
    }

    /** Takes what was consumed since the last compaction into the checksum. */
    private void count() {
      crc.update(buffer.array(), 0, buffer.position());
    }

    /**
     * Checks that the checksum, and nothing else, follows.
     *
     * @throws IOException if it does not fit
     */
    void finish() throws IOException {
      count();
      buffer.compact().flip(); // so that nothing is counted twice
      int found = (int) crc.getValue();
      if (next() != found) {
        throw new IOException("no valid graph: its checksum does not fit");
      }
      if (buffer.hasRemaining() || in.read() >= 0) {
        throw new IOException("no valid graph: bytes behind it");
      }
    }
  }
}
