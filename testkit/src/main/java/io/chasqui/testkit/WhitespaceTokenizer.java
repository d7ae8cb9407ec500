package io.chasqui.testkit;

import io.chasqui.spi.Tokenization;
import io.chasqui.spi.Tokenizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tokenizer for tests: every run of chars that are not white space is a token, its id the hash of
 * its text. Stateless; immutable; closing it does nothing.
 */
public final class WhitespaceTokenizer implements Tokenizer {
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final int VOCABULARY = 1 << 16;

  @Override
  public Tokenization tokenize(String text) {
    int count = (int) WORD.matcher(text).results().count();
    int[] ids = new int[count];
    int[] starts = new int[count];
    int[] ends = new int[count];
    Matcher words = WORD.matcher(text);
    for (int i = 0; words.find(); i++) {
      ids[i] = Math.floorMod(words.group().hashCode(), VOCABULARY);
      starts[i] = words.start();
      ends[i] = words.end();
    }
    return new Tokenization(ids, starts, ends);
  }

  @Override
  public int vocabularySize() {
    return VOCABULARY;
  }

  @Override
  public void close() {}
}
