package io.chasqui.index;

import java.util.Arrays;

/** Marks on the rows of a segment. Not thread-safe while written to. */
final class Bits {
  private final long[] words;
  private final int size;

  private Bits(long[] words, int size) {
    this.words = words;
    this.size = size;
  }

  static Bits none(int size) {
    return new Bits(new long[(size + 63) / 64], size);
  }

  static Bits all(int size) {
    Bits bits = none(size);
    Arrays.fill(bits.words, -1L);
    if (size % 64 != 0) {
      bits.words[bits.words.length - 1] = -1L >>> -size;
    }
    return bits;
  }

  Bits copy() {
    return new Bits(Arrays.copyOf(words, words.length), size);
  }

  int size() {
    return size;
  }

  boolean get(int index) {
    return (words[index >>> 6] & 1L << index) != 0;
  }

  void set(int index) {
    words[index >>> 6] |= 1L << index;
  }

  int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** These marks without those of {@code other}. */
  Bits without(Bits other) {
    Bits rest = copy();
    for (int i = 0; i < words.length; i++) {
      rest.words[i] &= ~other.words[i];
    }
    return rest;
  }

  /** The first marked row from {@code from} on, −1 if there is none. */
  int next(int from) {
    int at = from >>> 6;
    if (at >= words.length) {
      return -1;
    }
    long word = words[at] & -1L << from;
    while (word == 0) {
      if (++at == words.length) {
        return -1;
      }
      word = words[at];
    }
    return (at << 6) + Long.numberOfTrailingZeros(word);
  }

  ByteWriter encode() {
    ByteWriter bytes = new ByteWriter();
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes;
  }

  static Bits decode(ByteReader in, int size) {
    Bits bits = none(size);
    for (int i = 0; i < bits.words.length; i++) {
      bits.words[i] = in.getLong();
    }
    in.end();
    if (size % 64 != 0 && bits.words[bits.words.length - 1] >>> size != 0) {
      throw in.corrupt("a mark beyond row " + size);
    }
    return bits;
  }
}
