package io.chasqui;

import io.chasqui.spi.Tokenization;
import io.chasqui.spi.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Words are cut into pieces of a few chars, punctuation marks are tokens, a surrogate pair is four
 * (like byte fallback, all standing at the pair); control characters are dropped. Like
 * SentencePiece it may put a token before every text.
 *
 * @param pieceLength chars per piece of a word
 * @param prefixed whether each text that is not empty begins with an extra token
 */
record FakeTokenizer(int pieceLength, boolean prefixed) implements Tokenizer {
  private static final int BYTES = 4;

  @Override
  public Tokenization tokenize(String text) {
    List<int[]> tokens = new ArrayList<>();
    if (prefixed && !text.isEmpty()) {
      tokens.add(new int[] {0, 0});
    }
    int at = 0;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      int next = at + Character.charCount(codePoint);
      if (Character.isSupplementaryCodePoint(codePoint)) {
        for (int i = 0; i < BYTES; i++) {
          tokens.add(new int[] {at + (i / 2), next}); // the later bytes stand inside of the pair
        }
      } else if (Character.isLetterOrDigit(codePoint)) {
        while (next < text.length()
            && next - at < pieceLength
            && Character.isLetterOrDigit(text.charAt(next))) {
          next++;
        }
        tokens.add(new int[] {at, next});
      } else if (!Character.isWhitespace(codePoint) && !Character.isISOControl(codePoint)) {
        tokens.add(new int[] {at, next});
      }
      at = next;
    }
    int[] starts = tokens.stream().mapToInt(t -> t[0]).toArray();
    int[] ends = tokens.stream().mapToInt(t -> t[1]).toArray();
    return new Tokenization(new int[starts.length], starts, ends);
  }

  @Override
  public int vocabularySize() {
    return 1;
  }

  @Override
  public void close() {}
}
