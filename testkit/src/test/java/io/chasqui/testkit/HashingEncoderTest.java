package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import java.util.List;
import org.junit.jupiter.api.Test;

class HashingEncoderTest implements EncoderContract {
  @Override
  public Encoder encoder() {
    return HashingEncoder.create();
  }

  @Test
  void vectorsHaveUnitLength() {
    Embeddings rows = encoder().encodeQueries(List.of("one word", "", "?!"));
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(1f, rows.dot(i, rows.row(i)), 1e-5f);
    }
  }

  @Test
  void textsWithCommonWordsAreNear() {
    Retriever retriever =
        Retriever.of(encoder(), InMemoryVectorSearch.of(encoder(), Samples.passages()));
    List<ScoredPassage> hits = retriever.retrieve("renewed rope bridges", 7);
    assertEquals("p3", hits.get(0).id());
    assertTrue(hits.get(0).score() > hits.get(1).score() + 0.1f);
  }

  @Test
  void aTitleCounts() {
    Embeddings rows =
        encoder()
            .encodePassages(List.of(Passage.of("a", "rope", "bridge"), Passage.of("b", "bridge")));
    assertNotEquals(rows.dot(0, rows.row(1)), rows.dot(1, rows.row(1)));
  }

  @Test
  void vectorsAreTheSameOnEveryMachine() {
    // Computed by hand: the word of weight 1, the trigrams "^ab" and "ab$" of weight 0.3.
    float[] expected = {0.0000000f, 0.9743912f, 0.0000000f, 0.2248595f, 0.0000000f};
    float[] found = HashingEncoder.create(5).encodeQueries(List.of("ab")).row(0);
    assertArrayEquals(expected, found, 1e-6f);
  }
}
