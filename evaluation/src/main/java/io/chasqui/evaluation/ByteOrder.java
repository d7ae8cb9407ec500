package io.chasqui.evaluation;

import java.util.Comparator;

/** Strings in the order of their UTF-8 bytes, which is C's strcmp order and code point order. */
final class ByteOrder {
  static final Comparator<String> ASCENDING = ByteOrder::compare;

  private ByteOrder() {}

  static int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Only surrogates sort differently as code units: they stand for code points above U+FFFF.
        boolean bothOrNone = Character.isSurrogate(x) == Character.isSurrogate(y);
        return bothOrNone ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
