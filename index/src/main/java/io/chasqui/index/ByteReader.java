package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads what {@link ByteWriter} wrote; whatever is not that is an {@link IndexCorruptException}
 * with file and offset. Confined to one thread.
 */
final class ByteReader {
  private final Path file;
  private final long base;
  private final ByteBuffer bytes;

  /**
   * @param base offset of these bytes in the file, for messages
   */
  ByteReader(Path file, long base, byte[] bytes) {
    this.file = file;
    this.base = base;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer need(int length) {
    if (length < 0 || bytes.remaining() < length) {
      throw corrupt("a value of " + length + " bytes where " + bytes.remaining() + " are left");
    }
    return bytes;
  }

  IndexCorruptException corrupt(String problem) {
    return new IndexCorruptException(file, base + bytes.position(), problem);
  }

  int getByte() {
    return need(1).get();
  }

  int getInt() {
    return need(Integer.BYTES).getInt();
  }

  /** A count of things that take at least {@code bytesEach} bytes, so that it can be trusted. */
  int getCount(int bytesEach) {
    int count = getInt();
    if (count < 0 || (long) count * bytesEach > bytes.remaining()) {
      throw corrupt("a count of " + count + " where " + bytes.remaining() + " bytes are left");
    }
    return count;
  }

  long getLong() {
    return need(Long.BYTES).getLong();
  }

  float getFloat() {
    return Float.intBitsToFloat(getInt());
  }

  double getDouble() {
    return Double.longBitsToDouble(getLong());
  }

  String getString() {
    int length = getInt();
    return getString(length);
  }

  /** A string whose length in bytes is known. */
  String getString(int length) {
    need(length);
    int start = bytes.position();
    try {
      String text = Wtf8.decode(bytes.array(), start, length);
      bytes.position(start + length);
      return text;
    } catch (CharacterCodingException e) {
      throw new IndexCorruptException(file, base + start, "a string that is not UTF-8", e);
    }
  }

  byte[] getBytes(int length) {
    need(length);
    byte[] copy = new byte[length];
    bytes.get(copy);
    return copy;
  }

  Map<String, String> getStrings() {
    int count = getCount(2 * Integer.BYTES);
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String name = getString();
      values.put(name, getString());
    }
    return values;
  }

  /** Fails if something is left. */
  void end() {
    if (bytes.hasRemaining()) {
      throw corrupt(bytes.remaining() + " bytes too many");
    }
  }
}
