package io.chasqui.index;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Strings as bytes, without loss: UTF-8, and surrogates that stand alone as three bytes each, which
 * UTF-8 proper would have to replace.
 *
 * @see <a href="https://simonsapin.github.io/wtf-8/">The WTF-8 encoding</a>
 */
final class Wtf8 {
  private Wtf8() {}

  static byte[] encode(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (CharacterCodingException e) {
      return encodeLoneSurrogates(text);
    }
  }

  private static byte[] encodeLoneSurrogates(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                out.write(0xe0 | point >> 12);
                out.write(0x80 | (point >> 6 & 0x3f));
                out.write(0x80 | (point & 0x3f));
              } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
              }
            });
    return out.toByteArray();
  }

  /**
   * Decodes what {@link #encode} wrote.
   *
   * @throws CharacterCodingException if these bytes are no such text
   */
  static String decode(byte[] bytes, int offset, int length) throws CharacterCodingException {
    boolean surrogates = false;
    for (int i = offset; i + 1 < offset + length; i++) {
      if (bytes[i] == (byte) 0xed && (bytes[i + 1] & 0xe0) == 0xa0) {
        surrogates = true;
        break;
      }
    }
    if (!surrogates) {
      return utf8(bytes, offset, length);
    }
    StringBuilder text = new StringBuilder(length);
    int start = offset;
    for (int i = offset; i + 2 < offset + length; i++) {
      if (bytes[i] == (byte) 0xed && (bytes[i + 1] & 0xe0) == 0xa0) {
        text.append(utf8(bytes, start, i - start));
        text.append((char) (0xd000 | (bytes[i + 1] & 0x3f) << 6 | (bytes[i + 2] & 0x3f)));
        start = i + 3;
        i += 2;
      }
    }
    return text.append(utf8(bytes, start, offset + length - start)).toString();
  }

  private static String utf8(byte[] bytes, int offset, int length) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, offset, length))
        .toString();
  }
}
