package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * Checks a normalizer that SentencePiece compiled ({@code precompiled_charsmap}): a double array
 * that finds what is replaced, and the texts that stand in. Native code follows its offsets without
 * looking, and ends the process where one leads out of it.
 *
 * @see <a
 *     href="https://github.com/google/sentencepiece/blob/master/src/normalizer.cc">SentencePiece:
 *     normalizer.cc</a>
 */
final class PrecompiledCheck {
  private static final String FIELD = "precompiled_charsmap";

  private final IntBuffer units;
  private final byte[] texts;

  private PrecompiledCheck(IntBuffer units, byte[] texts) {
    this.units = units;
    this.texts = texts;
  }

  /**
   * Returns if a normalizer's map is sound.
   *
   * @param path of the normalizer in the file
   * @throws ModelFormatException if it is not
   */
  static void check(Path file, String path, JsonNode normalizer) {
    JsonNode map = normalizer.path(FIELD);
    try {
      if (!map.isTextual()) {
        throw new Unsound("expected base64, found " + Json.describe(map));
      }
      parse(Base64.getDecoder().decode(map.textValue())).walk();
    } catch (IllegalArgumentException e) { // an Unsound, or what the decoder throws
      throw new ModelFormatException(
          file, path + "." + FIELD, "is no map of SentencePiece's: " + e.getMessage(), e);
    }
  }

  private static final class Unsound extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Unsound(String problem) {
      super(problem);
    }
  }

  /** Length of the array in bytes, the array, texts that end with NUL each. */
  private static PrecompiledCheck parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < Integer.BYTES) {
      throw new Unsound("it has " + bytes.length + " bytes");
    }
    long length = Integer.toUnsignedLong(buffer.getInt());
    if (length > buffer.remaining() || length < Integer.BYTES || length % Integer.BYTES != 0) {
      throw new Unsound("an array of " + length + " bytes in " + bytes.length);
    }
    IntBuffer units = buffer.slice(Integer.BYTES, (int) length).order(buffer.order()).asIntBuffer();
    byte[] texts = new byte[buffer.remaining() - (int) length];
    buffer.get(Integer.BYTES + (int) length, texts);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its texts are not UTF-8", e);
    }
    return new PrecompiledCheck(units, texts);
  }

  /** Every step from every state that any text can reach. */
  private void walk() {
    BitSet seen = new BitSet();
    Deque<Integer> left = new ArrayDeque<>();
    visit(offset(units.get(0)), seen, left);
    while (!left.isEmpty()) {
      int state = left.removeLast();
      for (int letter = 1; letter < 256; letter++) {
        int unit = units.get(state ^ letter);
        if ((unit & 0x800000FF) != letter) {
          continue; // no such step
        }
        int next = (state ^ letter) ^ offset(unit);
        visit(next, seen, left);
        if ((unit >>> 8 & 1) == 1) {
          requireText(units.get(next) & 0x7FFFFFFF);
        }
      }
    }
  }

  private void visit(int state, BitSet seen, Deque<Integer> left) {
    if ((state | 0xFF) >= units.capacity()) { // a step changes the last byte
      throw new Unsound("a step leads to " + state + " of " + units.capacity());
    }
    if (!seen.get(state)) {
      seen.set(state);
      left.add(state);
    }
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private void requireText(int start) {
    if (start > texts.length
        || (start < texts.length && (texts[start] & 0xC0) == 0x80)) { // inside a character
      throw new Unsound("a text that begins at " + start + " of " + texts.length);
    }
  }
}
