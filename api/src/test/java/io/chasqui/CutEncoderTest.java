package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CutEncoderTest {
  /** Rows: 3 4 12; zeros first; one that failed. */
  private static final Encoder WHOLE =
      new Encoder() {
        @Override
        public EmbeddingSpace space() {
          return EmbeddingSpace.named("whole", 3);
        }

        @Override
        public Encoder withInstruction(String instruction) {
          assertEquals("find", instruction);
          return this;
        }

        @Override
        public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
          return Embeddings.of(3, new float[] {3, 4, 12});
        }

        @Override
        public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
          BitSet truncated = new BitSet();
          truncated.set(1);
          return Embeddings.of(
              3, new float[] {3, 4, 12, 0, 0, 1, 0, 0, 0}, truncated, Map.of(2, "NaN"));
        }
      };

  @Test
  void theFirstNumbersAreKeptAndBroughtToUnitLength() {
    Encoder cut = WHOLE.withDimensions(2);
    assertEquals(2, cut.dimension());
    Embeddings query = cut.encodeQueries(List.of("q"));
    assertEquals(0.6f, query.row(0)[0], 1e-7f);
    assertEquals(0.8f, query.row(0)[1], 1e-7f);
    Embeddings passages = cut.encodePassages(List.of());
    assertEquals(0.6f, passages.row(0)[0], 1e-7f);
    assertTrue(passages.isTruncated(1));
    assertTrue(passages.failure(1).orElseThrow().contains("first 2 numbers"));
    assertEquals("NaN", passages.failure(2).orElseThrow());
    assertEquals(2, cut.withInstruction("find").dimension());
  }

  @Test
  void itIsAnotherSpaceThatNamesTheCut() {
    EmbeddingSpace two = WHOLE.withDimensions(2).space();
    assertEquals("2 of 3", two.attributes().get("cut"));
    assertEquals(
        List.of("dimension: 2 / 1", "cut: 2 of 3 / 1 of 3"),
        two.differences(WHOLE.withDimensions(1).space()));
    for (int wrong : new int[] {0, -1, 4}) {
      assertThrows(IllegalArgumentException.class, () -> WHOLE.withDimensions(wrong));
    }
  }
}
