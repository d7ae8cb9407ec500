package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import java.util.List;
import org.junit.jupiter.api.Test;

class LexicalScorerTest implements ScorerContract {
  @Override
  public Scorer scorer() {
    return new LexicalScorer();
  }

  @Test
  void theShareOfTheQuerysWordsCounts() {
    Scores scores =
        scorer()
            .score(
                "Rope bridge rope",
                List.of(
                    Passage.of("a", "Rope", "the bridge"),
                    Passage.of("b", "a rope"),
                    Passage.of("c", "none")));
    assertEquals(1f - 0.001f, scores.score(0), 1e-6f);
    assertEquals(0.5f - 0.001f, scores.score(1), 1e-6f);
    assertEquals(-0.001f, scores.score(2), 1e-6f);
    assertEquals(-0.001f, scorer().score("?", List.of(Passage.of("a", "x"))).score(0), 1e-6f);
  }
}
