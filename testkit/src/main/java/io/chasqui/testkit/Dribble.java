package io.chasqui.testkit;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** A stream that hands out few bytes at a time, as real ones may. */
final class Dribble extends InputStream {
  private static final int PORTION = 7;
  private final ByteArrayInputStream bytes;

  Dribble(byte[] bytes) {
    this.bytes = new ByteArrayInputStream(bytes);
  }

  @Override
  public int read() {
    return bytes.read();
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    return bytes.read(target, offset, Math.min(length, PORTION));
  }
}
