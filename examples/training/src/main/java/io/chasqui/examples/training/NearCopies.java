package io.chasqui.examples.training;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Tells texts that repeat much of some other texts, by runs of eight words. */
final class NearCopies {
  private static final int RUN = 8;
  private static final double SHARE = 0.3;

  private final Set<String> runs = new HashSet<>();

  /** Notes a text that must not be repeated. */
  void forbid(String text) {
    runs.addAll(runs(text));
  }

  /** Whether at least three in ten of a text's runs of eight words stand in a forbidden text. */
  boolean isCopy(String text) {
    List<String> own = runs(text);
    long known = own.stream().filter(runs::contains).count();
    return known > 0 && known >= SHARE * own.size();
  }

  private static List<String> runs(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i + RUN <= words.size(); i++) {
      all.add(String.join(" ", words.subList(i, i + RUN)));
    }
    return all;
  }
}
