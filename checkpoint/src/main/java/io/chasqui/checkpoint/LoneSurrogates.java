package io.chasqui.checkpoint;

/** Makes texts valid Unicode, which native code needs. */
final class LoneSurrogates {
  private LoneSurrogates() {}

  /** The text with U+FFFD for each surrogate without its other half; itself if it has none. */
  static String replace(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (isPair(text, i)) {
          i++;
        } else {
          return replaceFrom(text, i);
        }
      }
    }
    return text;
  }

  private static boolean isPair(CharSequence text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        && at + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(at + 1));
  }

  private static String replaceFrom(String text, int first) {
    StringBuilder valid = new StringBuilder(text);
    for (int i = first; i < valid.length(); i++) {
      if (Character.isSurrogate(valid.charAt(i))) {
        if (isPair(valid, i)) {
          i++;
        } else {
          valid.setCharAt(i, '\uFFFD');
        }
      }
    }
    return valid.toString();
  }
}
