package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddingSpaceTest {
  private final EmbeddingSpace last =
      new EmbeddingSpace(8, Map.of("pooling", "last", "normalise", "l2"));
  private final EmbeddingSpace mean =
      new EmbeddingSpace(16, Map.of("pooling", "mean", "normalise", "l2", "bos", "yes"));

  @Test
  void differencesNameEachAttribute() {
    assertEquals(
        List.of("dimension: 8 / 16", "bos: (none) / yes", "pooling: last / mean"),
        last.differences(mean));
    assertEquals(List.of(), last.differences(last));
  }

  @Test
  void requireSameNamesWhoseVectorsTheyAre() {
    assertDoesNotThrow(() -> last.requireSame(last, "a", "b"));
    var error =
        assertThrows(
            SpaceMismatchException.class,
            () -> last.requireSame(mean, "index docs/", "encoder repllama"));
    assertEquals(
        "vectors of index docs/ and of encoder repllama can't be compared; they differ in"
            + " dimension: 8 / 16; bos: (none) / yes; pooling: last / mean",
        error.getMessage());
  }

  @Test
  void fingerprintsAreEqualExactlyForEqualSpaces() {
    assertEquals(64, last.fingerprint().length());
    assertEquals(
        last.fingerprint(),
        new EmbeddingSpace(8, Map.of("normalise", "l2", "pooling", "last")).fingerprint());
    assertNotEquals(last.fingerprint(), mean.fingerprint());
    // Lengths keep names and values apart.
    assertNotEquals(
        new EmbeddingSpace(1, Map.of("a", "b\n1:c=1:d")).fingerprint(),
        new EmbeddingSpace(1, Map.of("a", "b", "c", "d")).fingerprint());
  }

  @Test
  void theFingerprintNeverChanges() {
    // printf '2\n4:name=1:x\n' | sha256sum
    assertEquals(
        "59eaae3e9a3a4773faf42e37f3d73ed919344f48e3e05ed28ec5a47be6baee85",
        EmbeddingSpace.named("x", 2).fingerprint());
  }

  @Test
  void dimensionsArePositive() {
    assertThrows(IllegalArgumentException.class, () -> EmbeddingSpace.named("x", 0));
  }
}
