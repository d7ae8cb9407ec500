package io.chasqui.checkpoint;

import java.io.IOException;
import java.io.InputStream;

/** The next so many bytes of a stream that somebody else closes. */
final class LimitedInputStream extends InputStream {
  private final InputStream in;
  private long left;

  LimitedInputStream(InputStream in, long limit) {
    this.in = in;
    this.left = limit;
  }

  @Override
  public int read() throws IOException {
    int value = left == 0 ? -1 : in.read();
    left -= value < 0 ? 0 : 1;
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (left == 0) {
      return length == 0 ? 0 : -1;
    }
    int count = in.read(target, offset, (int) Math.min(length, left));
    left -= Math.max(count, 0);
    return count;
  }
}
