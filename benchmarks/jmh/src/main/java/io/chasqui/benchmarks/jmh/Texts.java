package io.chasqui.benchmarks.jmh;

import io.chasqui.Passage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The inputs of all benchmarks: made-up words, the same in every run. */
final class Texts {
  private static final String[] SYLLABLES = {
    "ta", "re", "min", "lo", "qu", "est", "ran", "ge", "is", "the", "of", "list", "map", "er"
  };

  private Texts() {}

  /** The small model that lies in this repository. */
  static Path model() {
    String benchmarks = System.getProperty("chasqui.benchmarks", "benchmarks");
    return Path.of(benchmarks).resolve("../examples/models/tiny-javadoc").normalize();
  }

  /** Texts of so many words each. */
  static List<String> of(int count, int words) {
    Random random = new Random(1);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int word = 0; word < words; word++) {
        text.append(word == 0 ? "" : " ");
        for (int syllable = random.nextInt(3); syllable >= 0; syllable--) {
          text.append(SYLLABLES[random.nextInt(SYLLABLES.length)]);
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }

  static List<Passage> passages(int count, int words) {
    List<Passage> passages = new ArrayList<>();
    for (String text : of(count, words)) {
      passages.add(Passage.of("p" + passages.size(), text));
    }
    return passages;
  }
}
