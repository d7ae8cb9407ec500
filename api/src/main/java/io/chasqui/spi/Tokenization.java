package io.chasqui.spi;

import java.util.Arrays;

/**
 * A tokenized text.
 *
 * @param ids token ids, without special tokens; not copied: do not write to it
 * @param starts for each token the index of its first char in the text, not decreasing
 * @param ends for each token the index after its last char
 */
@SuppressWarnings("ArrayRecordComponent") // a hot-path carrier, compared by nobody
public record Tokenization(int[] ids, int[] starts, int[] ends) {
  public Tokenization {
    if (ids.length != starts.length || ids.length != ends.length) {
      throw new IllegalArgumentException(
          "ids, starts and ends differ in length: "
              + ids.length
              + ", "
              + starts.length
              + ", "
              + ends.length);
    }
  }

  /**
   * The first tokens; this if there are no more.
   *
   * @param count how many at most, not negative
   */
  public Tokenization first(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must not be negative: " + count);
    }
    return count >= ids.length
        ? this
        : new Tokenization(
            Arrays.copyOf(ids, count), Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
  }

  /** Number of tokens. */
  public int size() {
    return ids.length;
  }
}
