package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.SpaceMismatchException;
import io.chasqui.testkit.HashingEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CanariesTest {
  private static final Path PLACE = Path.of("index");
  private static final List<Passage> ONE = List.of(Passage.of("a", "one"));

  private final MemoryFiles disk = new MemoryFiles();
  private final Encoder encoder = HashingEncoder.create(32);

  /** Calls its space the same, and moves every vector a bit in another direction. */
  private Encoder off(double by) {
    return new Encoder() {
      @Override
      public EmbeddingSpace space() {
        return encoder.space();
      }

      @Override
      public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
        throw new UnsupportedOperationException("no queries here");
      }

      @Override
      public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
        Embeddings right = encoder.encodePassages(passages, deadline);
        float[] values = new float[right.size() * right.dimension()];
        for (int row = 0; row < right.size(); row++) {
          right.copyRow(row, values, row * right.dimension());
          values[row * right.dimension()] += (float) by;
        }
        return Embeddings.of(right.dimension(), values);
      }
    };
  }

  private PassageIndex filled() throws IOException {
    try (PassageIndex index =
        PassageIndex.create(disk, PLACE, encoder.space(), IndexOptions.exact())) {
      index.add(ONE, encoder);
      index.commit();
    }
    return PassageIndex.open(disk, PLACE);
  }

  @Test
  void theFirstEncoderLeavesEightCanaries() throws IOException {
    filled().close();
    Map<String, float[]> recorded = Manifest.read(disk, PLACE, 2).canaries();
    assertEquals(8, recorded.size());
    assertEquals(Canaries.TEXTS, List.copyOf(recorded.keySet()));
    assertArrayEquals(
        encoder.encodePassages(List.of(Passage.of("x", Canaries.TEXTS.get(3)))).row(0),
        recorded.get(Canaries.TEXTS.get(3)));
  }

  @Test
  void theSameEncoderAndOneWithOtherRoundingAreWelcome() throws IOException {
    try (PassageIndex index = filled()) {
      index.requireEncoder(encoder);
      index.requireEncoder(off(0.01));
      index.add(List.of(Passage.of("b", "two")), off(0.01));
      index.commit();
    }
    assertEquals(8, Manifest.read(disk, PLACE, 3).canaries().size());
  }

  @Test
  void anEncoderWithOtherVectorsIsRefusedAtEveryDoor() throws IOException {
    try (PassageIndex index = filled()) {
      SpaceMismatchException refused =
          assertThrows(SpaceMismatchException.class, () -> index.requireEncoder(off(0.3)));
      assertTrue(refused.getMessage().contains("0.300 of its length"), refused.getMessage());
      assertTrue(refused.getMessage().contains("A canary is"), refused.getMessage());
      List<Passage> two = List.of(Passage.of("b", "two"));
      assertThrows(SpaceMismatchException.class, () -> index.add(two, off(0.3)));
      assertThrows(SpaceMismatchException.class, () -> index.upsert(two, off(0.3)));
      assertThrows(
          SpaceMismatchException.class,
          () -> IndexJob.run(index, off(0.3), two, IndexJobOptions.defaults(), p -> {}));
      assertEquals(0, index.pendingChanges());
    }
  }

  @Test
  void anEncoderThatFailsOnACanaryIsRefused() throws IOException {
    Encoder failing =
        new Encoder() {
          @Override
          public EmbeddingSpace space() {
            return encoder.space();
          }

          @Override
          public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
            throw new UnsupportedOperationException("no queries here");
          }

          @Override
          public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
            return Embeddings.of(
                32, new float[32 * passages.size()], new BitSet(), Map.of(2, "NaN in layer 3"));
          }
        };
    try (PassageIndex index = filled()) {
      SpaceMismatchException refused =
          assertThrows(SpaceMismatchException.class, () -> index.requireEncoder(failing));
      assertTrue(refused.getMessage().contains("A canary is"), refused.getMessage());
    }
    // And if it is the first, there are fewer.
    MemoryFiles other = new MemoryFiles();
    try (PassageIndex index =
        PassageIndex.create(other, PLACE, encoder.space(), IndexOptions.exact())) {
      index.requireEncoder(failing);
      index.add(ONE, encoder.encodePassages(ONE));
      index.commit();
    }
    assertEquals(7, Manifest.read(other, PLACE, 2).canaries().size());
  }

  @Test
  void aHandleAsksTheEncoderOnce() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    Encoder counting =
        new Encoder() {
          @Override
          public EmbeddingSpace space() {
            return encoder.space();
          }

          @Override
          public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
            throw new UnsupportedOperationException("no queries here");
          }

          @Override
          public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
            calls.incrementAndGet();
            return encoder.encodePassages(passages, deadline);
          }
        };
    try (PassageIndex index = filled()) {
      index.add(List.of(Passage.of("b", "two")), counting);
      index.add(List.of(Passage.of("c", "three")), counting);
      assertEquals(3, calls.get());
    }
  }

  @Test
  void readyVectorsLeaveNoneAndARollbackForgetsThem() throws IOException {
    try (PassageIndex index =
        PassageIndex.create(disk, PLACE, encoder.space(), IndexOptions.exact())) {
      index.add(ONE, off(0.3));
      index.rollback();
      index.add(ONE, encoder.encodePassages(ONE));
      index.commit();
    }
    assertEquals(Map.of(), Manifest.read(disk, PLACE, 2).canaries());
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      index.requireEncoder(encoder);
      index.remove(List.of("a"));
      index.commit();
    }
    assertEquals(8, Manifest.read(disk, PLACE, 3).canaries().size());
  }
}
