package io.chasqui.examples;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Javadoc's inline tags, replaced by the text that they show.
 *
 * <p>The argument of {@code @code} and {@code @literal} is no HTML: its angle brackets and
 * ampersands are hidden by {@link #resolve} from whoever strips elements and brought back by {@link
 * #restore}.
 */
final class InlineTags {
  private static final Pattern REFERENCE =
      Pattern.compile("(?s)(\\S+?(?:\\([^)]*\\))?)(?:\\s+(.+))?");
  private static final Pattern PACKAGE = Pattern.compile("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])");
  // Private-use characters; no Javadoc holds them.
  private static final char LESS = '\uE000';
  private static final char GREATER = '\uE001';
  private static final char AMPERSAND = '\uE002';

  private InlineTags() {}

  /** The text with every complete inline tag replaced; braces inside a tag may be nested. */
  static String resolve(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    while (true) {
      int open = text.indexOf("{@", from);
      if (open < 0) {
        return out.append(text, from, text.length()).toString();
      }
      out.append(text, from, open);
      int close = closingBrace(text, open);
      if (close < 0) { // unbalanced: show what follows the tag's name
        int name = endOfName(text, open + 2);
        out.append(replacement(text.substring(open + 2, name), ""));
        from = name;
      } else {
        int name = endOfName(text, open + 2);
        out.append(
            replacement(text.substring(open + 2, name), text.substring(name, close).strip()));
        from = close + 1;
      }
    }
  }

  /** Brings back the characters that {@link #resolve} hid. */
  static String restore(String text) {
    // As entities, so that the decoding that follows leaves "&amp;" in code as it was written.
    return text.replace(String.valueOf(LESS), "&lt;")
        .replace(String.valueOf(GREATER), "&gt;")
        .replace(String.valueOf(AMPERSAND), "&amp;");
  }

  private static String replacement(String name, String argument) {
    return switch (name) {
      case "code", "literal" ->
          argument.replace('<', LESS).replace('>', GREATER).replace('&', AMPERSAND);
      case "link", "linkplain" -> link(argument);
      case "value", "index", "summary", "systemProperty", "snippet" -> resolve(argument);
      case "return" -> "Returns " + resolve(argument);
      default -> ""; // inheritDoc, docRoot: nothing to show here
    };
  }

  private static String link(String argument) {
    Matcher reference = REFERENCE.matcher(argument);
    if (!reference.matches()) {
      return argument;
    }
    String label = reference.group(2);
    if (label != null) {
      return resolve(label);
    }
    String target = reference.group(1);
    int parenthesis = target.indexOf('(');
    String name = parenthesis < 0 ? target : target.substring(0, parenthesis);
    name = name.startsWith("#") ? name.substring(1) : name.replace('#', '.');
    return PACKAGE.matcher(name).replaceAll("");
  }

  private static int endOfName(String text, int start) {
    int end = start;
    while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int closingBrace(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }
}
