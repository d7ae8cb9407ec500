package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A file of an index, read by what docs/file-formats.md says and by nothing else: no code is shared
 * with the library.
 */
final class DocumentedFile {
  private final byte[] bytes;
  private final ByteBuffer all;
  private final ByteBuffer data;

  /** Checks header, table and footer. */
  DocumentedFile(byte[] bytes, String type) {
    this.bytes = bytes;
    this.all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertArrayEquals(
        "CHASQUI\n".getBytes(StandardCharsets.US_ASCII), java.util.Arrays.copyOf(bytes, 8));
    assertEquals(type, new String(bytes, 8, 4, StandardCharsets.US_ASCII));
    assertEquals(1, all.getInt(12), "format version");
    assertEquals(0, all.getLong(52));
    assertEquals(all.getInt(60), crc(0, 60), "checksum of the header");
    int footer = bytes.length - 32;
    int n = Math.toIntExact(all.getLong(footer));
    int blocks = (n + 65_535) / 65_536;
    assertEquals(bytes.length, 64 + n + 4 * blocks + 32);
    for (int block = 0; block < blocks; block++) {
      int from = 64 + block * 65_536;
      int length = Math.min(65_536, 64 + n - from);
      assertEquals(all.getInt(64 + n + 4 * block), crc(from, length), "block " + block);
    }
    assertEquals(bytes.length, all.getLong(footer + 8));
    assertEquals(65_536, all.getInt(footer + 16));
    assertEquals(crc(64 + n, 4 * blocks), all.getInt(footer + 20), "checksum of the table");
    CRC32C digest = new CRC32C();
    digest.update(bytes, 0, 64);
    digest.update(bytes, 64 + n, 4 * blocks);
    assertEquals((int) digest.getValue(), all.getInt(footer + 24), "digest");
    assertEquals(crc(footer, 28), all.getInt(footer + 28), "checksum of the footer");
    this.data = ByteBuffer.wrap(bytes, 64, n).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  private int crc(int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  long index() {
    return all.getLong(16) ^ all.getLong(24);
  }

  long generation() {
    return all.getLong(32);
  }

  /** Rows, or segments. */
  int rows() {
    return all.getInt(40);
  }

  int second() {
    return all.getInt(44);
  }

  int third() {
    return all.getInt(48);
  }

  long length() {
    return bytes.length;
  }

  int digest() {
    return all.getInt(bytes.length - 8);
  }

  ByteBuffer data() {
    return data;
  }

  static String string(ByteBuffer in) {
    byte[] utf8 = new byte[in.getInt()];
    in.get(utf8);
    return decode(utf8);
  }

  /** UTF-8, and lone surrogates as three bytes. */
  static String decode(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; ) {
      int lead = bytes[i] & 0xff;
      int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      int point = more == 0 ? lead : lead & (0x3f >> more);
      for (int j = 1; j <= more; j++) {
        point = point << 6 | (bytes[i + j] & 0x3f);
      }
      text.appendCodePoint(point);
      i += 1 + more;
    }
    return text.toString();
  }

  static Map<String, String> strings(ByteBuffer in) {
    Map<String, String> strings = new TreeMap<>();
    for (int n = in.getInt(); n > 0; n--) {
      String name = string(in);
      strings.put(name, string(in));
    }
    return strings;
  }

  /** Strings of which the ends come first. */
  static List<String> table(ByteBuffer in) {
    int[] ends = new int[in.getInt()];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = in.getInt();
    }
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < ends.length; i++) {
      byte[] text = new byte[ends[i] - (i == 0 ? 0 : ends[i - 1])];
      in.get(text);
      strings.add(decode(text));
    }
    return strings;
  }

  /** A metadata value. */
  static Object value(ByteBuffer in) {
    byte type = in.get();
    return switch (type) {
      case 1 -> string(in);
      case 2 -> in.getLong();
      case 3 -> in.getDouble();
      case 4 -> in.get() == 1;
      case 5 -> {
        List<String> list = new ArrayList<>();
        for (int n = in.getInt(); n > 0; n--) {
          list.add(string(in));
        }
        yield list;
      }
      default -> throw new AssertionError("type " + type);
    };
  }

  static void assertEnd(ByteBuffer in) {
    assertFalse(in.hasRemaining(), () -> in.remaining() + " bytes that nobody documented");
  }
}
