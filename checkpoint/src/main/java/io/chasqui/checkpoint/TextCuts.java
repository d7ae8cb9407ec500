package io.chasqui.checkpoint;

import io.chasqui.checkpoint.TokenizerJson.Merge;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a long text may be cut so that its parts, tokenized apart, have the tokens of the whole.
 * Thread-safe.
 */
@FunctionalInterface
interface TextCuts {
  /**
   * A run without any such place is cut each so many chars: this bounds time and native memory, at
   * the price of other tokens around those places.
   */
  int LONGEST_RUN = 1 << 16;

  /** Whether the text may be cut before index {@code at} (not inside a surrogate pair). */
  boolean mayCut(String text, int at);

  /**
   * The end of the part that begins at {@code from}: the first harmless place that is {@code
   * wanted} chars or more away, or the end of the text. Runs that are too long are cut at places
   * that don't depend on {@code wanted}.
   *
   * @param from begins the text or ended a part
   * @param wanted from 1 to {@link #LONGEST_RUN}
   */
  default int end(String text, int from, int wanted) {
    int place = (int) Math.min((long) from + wanted, text.length());
    int last = (int) Math.min((long) place + LONGEST_RUN, text.length());
    while (place < last && !isHarmless(text, place)) {
      place++;
    }
    if (place - from <= LONGEST_RUN) {
      return place;
    }
    int before = place - 1; // the harmless place before that one, else where the part begins
    while (before > from && !isHarmless(text, before)) {
      before--;
    }
    if (place - before <= LONGEST_RUN) {
      return place;
    }
    if (before > from) {
      return before; // where the long run begins
    }
    int cut = from + LONGEST_RUN;
    return insidePair(text, cut) ? cut + 1 : cut;
  }

  private boolean isHarmless(String text, int at) {
    return !insidePair(text, at) && mayCut(text, at);
  }

  private static boolean insidePair(String text, int at) {
    return Character.isLowSurrogate(text.charAt(at))
        && Character.isHighSurrogate(text.charAt(at - 1));
  }

  /** Nowhere is known to be safe: the text stays whole, however long. */
  static TextCuts none() {
    return new TextCuts() {
      @Override
      public boolean mayCut(String text, int at) {
        return false;
      }

      @Override
      public int end(String text, int from, int wanted) {
        return text.length();
      }
    };
  }

  /**
   * For BPE over a text as a whole: between two characters that stand side by side in no merged
   * piece. No merge can span such a place, and what happens on one side doesn't depend on the
   * other.
   */
  static TextCuts betweenUnmergedPairs(List<Merge> merges) {
    Set<Long> pairs = new HashSet<>();
    for (Merge merge : merges) {
      int[] points = merge.product().codePoints().toArray();
      for (int i = 1; i < points.length; i++) {
        pairs.add(pair(points[i - 1], points[i]));
      }
    }
    return (text, at) -> !pairs.contains(pair(text.codePointBefore(at), text.codePointAt(at)));
  }

  private static long pair(int first, int second) {
    return ((long) first << 32) | second;
  }

  /**
   * For byte-level BPE behind one of the published split patterns: between a letter and a space
   * that a letter follows. None of them has a match that goes on past such a place or looks back at
   * it.
   */
  static TextCuts betweenWords() {
    return (text, at) ->
        text.charAt(at) == ' '
            && at + 1 < text.length()
            && Character.isLetter(text.codePointAt(at + 1))
            && Character.isLetter(text.codePointBefore(at));
  }
}
