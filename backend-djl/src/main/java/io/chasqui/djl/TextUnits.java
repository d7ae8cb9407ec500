package io.chasqui.djl;

import java.lang.Character.UnicodeScript;
import java.util.function.Consumer;

/**
 * Cuts a text into the units that no piece crosses, as SentencePiece does for Llama: a unit begins
 * at each space, where the script changes (letters, signs), and at each digit.
 *
 * <p>Because pieces never cross units, merging a whole text, as {@code tokenizer.json} without a
 * pre-tokenizer does, gives what merging unit by unit gave in training.
 */
final class TextUnits {
  /** What stands for a space. */
  static final char SPACE = '\u2581';

  /** A longer unit is no word: it is counted in parts. */
  private static final int LONGEST = 64;

  private enum Kind {
    LETTERS,
    SIGNS,
    ALONE
  }

  private TextUnits() {}

  /** Gives the units of a text in order; together they are the text as the tokenizer sees it. */
  static void forEach(String text, Consumer<String> unit) {
    String marked = SPACE + text.replace(' ', SPACE);
    int start = 0;
    Kind kind = Kind.ALONE;
    UnicodeScript script = UnicodeScript.UNKNOWN;
    boolean afterSpace = false; // what follows a space belongs to it
    for (int i = 0; i < marked.length(); ) {
      int point = marked.codePointAt(i);
      if (point == SPACE) {
        if (i > start) {
          unit.accept(marked.substring(start, i));
        }
        start = i;
        afterSpace = true;
        i++;
        continue;
      }
      UnicodeScript next = script(point);
      boolean inherited = next == UnicodeScript.INHERITED && !afterSpace && i > start;
      Kind nextKind = inherited ? kind : kind(point, next);
      UnicodeScript nextScript = inherited ? script : next;
      boolean joins =
          afterSpace
              ? nextKind != Kind.ALONE
              : nextKind == kind && nextScript == script && nextKind != Kind.ALONE;
      if ((!joins || i - start >= LONGEST) && i > start) {
        unit.accept(marked.substring(start, i));
        start = i;
      }
      kind = nextKind;
      script = nextScript;
      afterSpace = false;
      i += Character.charCount(point);
    }
    if (start < marked.length()) {
      unit.accept(marked.substring(start));
    }
  }

  private static Kind kind(int point, UnicodeScript script) {
    if (Character.isDigit(point) || Character.isISOControl(point)) {
      return Kind.ALONE;
    }
    return script == UnicodeScript.COMMON ? Kind.SIGNS : Kind.LETTERS;
  }

  /** Japanese mixes three scripts in one word. */
  private static UnicodeScript script(int point) {
    UnicodeScript script = UnicodeScript.of(point);
    return script == UnicodeScript.HIRAGANA || script == UnicodeScript.KATAKANA
        ? UnicodeScript.HAN
        : script;
  }
}
