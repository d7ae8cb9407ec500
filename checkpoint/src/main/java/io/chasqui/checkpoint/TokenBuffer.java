package io.chasqui.checkpoint;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.chasqui.spi.Tokenization;
import java.util.Arrays;

/** Tokens of the parts of one text, put together. Confined to one thread. */
final class TokenBuffer {
  private int[] ids = new int[64];
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int size;

  int size() {
    return size;
  }

  /**
   * Adds the tokens of one part.
   *
   * @param part the text that was encoded, whose spans count code points
   * @param offset what is added to an index in it to get one in the user's text; may be -1
   * @param length of the user's text: spans are clipped to it
   */
  void add(Encoding encoding, String part, int offset, int length) {
    long[] newIds = encoding.getIds();
    CharSpan[] spans = encoding.getCharTokenSpans();
    reserve(size + newIds.length);
    int[] charIndex = charIndex(part);
    int floor = size == 0 ? 0 : starts[size - 1];
    for (int i = 0; i < newIds.length; i++) {
      ids[size] = Math.toIntExact(newIds[i]);
      int start = clip(chars(charIndex, spans[i].getStart()) + offset, length);
      int end = clip(chars(charIndex, spans[i].getEnd()) + offset, length);
      floor = Math.max(floor, start);
      starts[size] = floor;
      ends[size] = Math.max(floor, end);
      size++;
    }
  }

  private static int clip(int index, int length) {
    return Math.max(0, Math.min(index, length));
  }

  private static int chars(int[] charIndex, int codePoint) {
    return charIndex.length == 0 ? codePoint : charIndex[codePoint];
  }

  /** Char index by code point index; empty where they are the same. */
  private static int[] charIndex(String text) {
    int points = text.codePointCount(0, text.length());
    if (points == text.length()) {
      return new int[0];
    }
    int[] index = new int[points + 1];
    for (int point = 0, at = 0; point <= points; point++) {
      index[point] = at;
      if (at < text.length()) {
        at += Character.charCount(text.codePointAt(at));
      }
    }
    return index;
  }

  private void reserve(int capacity) {
    if (capacity > ids.length) {
      int grown = Math.max(capacity, ids.length * 2);
      ids = Arrays.copyOf(ids, grown);
      starts = Arrays.copyOf(starts, grown);
      ends = Arrays.copyOf(ends, grown);
    }
  }

  Tokenization first(int count) {
    int kept = Math.min(count, size);
    return new Tokenization(
        Arrays.copyOf(ids, kept), Arrays.copyOf(starts, kept), Arrays.copyOf(ends, kept));
  }
}
