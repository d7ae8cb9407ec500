package io.chasqui.examples.training;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts English text into sentences and words. */
final class Sentences {
  private Sentences() {}

  /** The sentences in order, without white space around them. */
  static List<String> of(String text) {
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    breaks.setText(text);
    List<String> sentences = new ArrayList<>();
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; start = end, end = breaks.next()) {
      String sentence = text.substring(start, end).strip();
      if (!sentence.isEmpty()) {
        sentences.add(sentence);
      }
    }
    return sentences;
  }

  /** What stands between white space. */
  static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+", 0));
  }

  /** The first words, joined again. */
  static String first(String text, int words) {
    List<String> all = words(text);
    return String.join(" ", all.subList(0, Math.min(words, all.size())));
  }
}
