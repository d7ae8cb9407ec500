package io.chasqui.checkpoint;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression out of a file, matched with bounded work: it cannot hang the reader.
 * Python's syntax where it is Java's too.
 */
final class PythonPattern {
  private static final int MAX_LENGTH = 1000;

  /** Looks at characters; patterns of published adapters take some hundreds per module. */
  private static final int MAX_STEPS = 200_000;

  /** All counts of {@code {n,m}} multiplied: what they repeat may look at no character at all. */
  private static final int MAX_REPEATS = 10_000;

  private static final Pattern COUNT = Pattern.compile("\\{(\\d+)(?:,(\\d*))?\\}");

  private final Pattern pattern;

  /**
   * @throws IllegalArgumentException if it is too long, repeats too often or is not Java's syntax
   *     (then a {@link java.util.regex.PatternSyntaxException})
   */
  PythonPattern(String expression) {
    if (expression.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("longer than " + MAX_LENGTH + " characters");
    }
    long repeats = 1;
    for (Matcher count = COUNT.matcher(expression); count.find(); ) {
      long most = Math.max(number(count.group(1)), number(count.group(2)));
      repeats *= Math.max(1, most);
      if (repeats > MAX_REPEATS) {
        throw new IllegalArgumentException(
            "its counts repeat more than " + MAX_REPEATS + " times: " + count.group());
      }
    }
    this.pattern = Pattern.compile(expression);
  }

  private static int number(@Nullable String digits) {
    if (digits == null || digits.isEmpty()) {
      return 0;
    }
    return digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }

  /**
   * Whether the whole text matches.
   *
   * @throws IllegalArgumentException if that takes too many steps, or groups too deep for Java
   */
  boolean matches(String text) {
    try {
      return pattern.matcher(new Counted(text)).matches();
    } catch (StackOverflowError e) { // java.util.regex recurses, by group and by repetition
      throw new IllegalArgumentException("its groups nest too deeply to match " + text, e);
    }
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
