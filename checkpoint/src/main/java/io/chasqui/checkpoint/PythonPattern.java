package io.chasqui.checkpoint;

import java.util.regex.Pattern;

/**
 * A regular expression out of a file, matched with bounded work: it cannot hang the reader.
 * Python's syntax where it is Java's too.
 */
final class PythonPattern {
  private static final int MAX_LENGTH = 1000;

  /** Looks at characters; patterns of published adapters take some hundreds per module. */
  private static final int MAX_STEPS = 200_000;

  private final Pattern pattern;

  /**
   * @throws IllegalArgumentException if it is too long or not Java's syntax (then a {@link
   *     java.util.regex.PatternSyntaxException})
   */
  PythonPattern(String expression) {
    if (expression.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("longer than " + MAX_LENGTH + " characters");
    }
    this.pattern = Pattern.compile(expression);
  }

  /**
   * Whether the whole text matches.
   *
   * @throws IllegalArgumentException if that takes too many steps
   */
  boolean matches(String text) {
    return pattern.matcher(new Counted(text)).matches();
  }

  private static final class Counted implements CharSequence {
    private final String text;
    private int steps;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw new IllegalArgumentException("too many steps to match " + text);
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
