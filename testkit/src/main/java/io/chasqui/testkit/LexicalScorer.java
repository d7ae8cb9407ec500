package io.chasqui.testkit;

import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A scorer for unit tests that needs no model: the share of the query's words that stand in the
 * passage's title or text, 0..1, less a little for each word that the query does not have, so that
 * of two passages with the same words the shorter wins. Immutable.
 */
public final class LexicalScorer implements Scorer {
  private static final float LENGTH_PENALTY = 1e-3f;

  @Override
  public Scores score(String query, List<Passage> passages) {
    Set<String> wanted = new LinkedHashSet<>(Words.of(query));
    float[] scores = new float[passages.size()];
    for (int i = 0; i < scores.length; i++) {
      Passage passage = passages.get(i);
      Set<String> words = new HashSet<>(Words.of(passage.title() + " " + passage.text()));
      long found = wanted.stream().filter(words::contains).count();
      float share = wanted.isEmpty() ? 0f : (float) found / wanted.size();
      scores[i] = share - LENGTH_PENALTY * (words.size() - found);
    }
    return Scores.of(scores);
  }
}
