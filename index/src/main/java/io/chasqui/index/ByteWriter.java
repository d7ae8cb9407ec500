package io.chasqui.index;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/** Little-endian numbers and strings, collected in memory. Confined to one thread. */
final class ByteWriter {
  private ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

  private ByteBuffer room(int length) {
    if (bytes.remaining() < length) {
      int size = Math.max(Math.addExact(bytes.position(), length), bytes.capacity() * 2);
      ByteBuffer larger =
          ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size)).order(ByteOrder.LITTLE_ENDIAN);
      bytes = larger.position(bytes.position());
    }
    return bytes;
  }

  ByteWriter putByte(int value) {
    room(1).put((byte) value);
    return this;
  }

  ByteWriter putInt(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  ByteWriter putLong(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  ByteWriter putFloat(float value) {
    return putInt(Float.floatToRawIntBits(value));
  }

  ByteWriter putDouble(double value) {
    return putLong(Double.doubleToRawLongBits(value));
  }

  ByteWriter putBytes(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  /** Length in bytes, then the bytes. */
  ByteWriter putString(String value) {
    byte[] encoded = Wtf8.encode(value);
    return putInt(encoded.length).putBytes(encoded);
  }

  /** Number of entries, then names and values. */
  ByteWriter putStrings(Map<String, String> values) {
    putInt(values.size());
    values.forEach((name, value) -> putString(name).putString(value));
    return this;
  }

  int length() {
    return bytes.position();
  }

  /** Writes what was collected and begins anew. */
  void drainTo(OutputStream out) throws IOException {
    out.write(bytes.array(), 0, bytes.position());
    bytes.clear();
  }
}
