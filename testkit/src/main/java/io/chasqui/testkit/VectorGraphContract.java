package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link VectorGraph} must do: a test class that implements this interface runs these
 * tests. Sets are small and the breadth is their size, so that answers must be exact.
 */
public interface VectorGraphContract {
  /** Number of vectors that the tests use. */
  int SIZE = 300;

  /** Dimension of the vectors that the tests use. */
  int DIMENSION = 12;

  /** Least number of damaged copies that are read. */
  int DAMAGES = 400;

  /** The provider under test. */
  VectorGraphProvider provider();

  /** How the tests' graphs are built. */
  default GraphOptions options() {
    return GraphOptions.defaults().withThreads(2);
  }

  /** Largest difference of a similarity from the source's. */
  default float tolerance() {
    return 1e-5f;
  }

  private static VectorArray vectors() {
    return VectorArray.random(SIZE, DIMENSION, 3);
  }

  private VectorGraph build(VectorArray vectors) {
    return provider().build(vectors, options(), added -> {});
  }

  @Test
  default void aGraphKnowsItsProviderAndSize() {
    AtomicInteger progress = new AtomicInteger();
    VectorGraph graph =
        provider()
            .build(vectors(), options(), added -> progress.accumulateAndGet(added, Math::max));
    assertEquals(provider().name(), graph.name());
    assertEquals(SIZE, graph.size());
    assertTrue(progress.get() <= SIZE, () -> "progress " + progress);
  }

  @Test
  default void withFullBreadthTheNearestAreFound() {
    VectorGraph graph = build(vectors());
    for (int k : new int[] {1, 10, SIZE}) {
      assertExact(graph, vectors(), k, ordinal -> true);
    }
  }

  @Test
  default void onlyAcceptedOrdinalsAreReturnedAndAsManyAsThereAre() {
    VectorGraph graph = build(vectors());
    for (int k : new int[] {1, 10, 60}) {
      assertExact(graph, vectors(), k, ordinal -> ordinal % 5 == 2); // 60 of 300
      assertExact(graph, vectors(), k, ordinal -> ordinal == 17);
      assertExact(graph, vectors(), k, ordinal -> false);
    }
  }

  private void assertExact(VectorGraph graph, VectorArray vectors, int k, IntPredicate accept) {
    int size = vectors.size();
    for (int q = 0; q < 10; q++) {
      float[] query = VectorArray.random(1, vectors.dimension(), 50 + q).vector(0);
      double[] exact =
          IntStream.range(0, size)
              .filter(accept)
              .mapToDouble(ordinal -> -vectors.similarity(ordinal, query))
              .sorted()
              .toArray();
      Neighbours found = graph.search(query, k, Math.max(k, size), accept);
      assertEquals(Math.min(k, exact.length), found.size(), "neighbours found");
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < found.size(); i++) {
        int ordinal = found.ordinals()[i];
        float similarity = found.similarities()[i];
        assertTrue(ordinal >= 0 && ordinal < size && accept.test(ordinal), "ordinal " + ordinal);
        assertTrue(seen.add(ordinal), "twice: " + ordinal);
        assertEquals(vectors.similarity(ordinal, query), similarity, tolerance());
        assertEquals(-exact[i], similarity, tolerance(), "place " + i);
        assertTrue(i == 0 || found.similarities()[i - 1] >= similarity, "not best first");
      }
    }
  }

  @Test
  default void tiesAreOrderedByOrdinal() {
    float[] values = new float[20 * DIMENSION];
    for (int i = 0; i < 20; i++) {
      values[i * DIMENSION + i % 2] = 1f;
    }
    VectorGraph graph = build(VectorArray.of(DIMENSION, values));
    float[] query = new float[DIMENSION];
    query[0] = 1f;
    int[] expected =
        IntStream.concat(
                IntStream.range(0, 10).map(i -> 2 * i), IntStream.range(0, 10).map(i -> 2 * i + 1))
            .toArray();
    assertArrayEquals(expected, graph.search(query, 20, 20, ordinal -> true).ordinals());
  }

  @Test
  default void kMayExceedTheSize() {
    assertEquals(
        SIZE, build(vectors()).search(vectors().vector(0), 2 * SIZE, 2 * SIZE, o -> true).size());
    VectorArray one = VectorArray.random(1, DIMENSION, 5);
    assertArrayEquals(
        new int[] {0}, build(one).search(one.vector(0), 3, 3, ordinal -> true).ordinals());
  }

  @Test
  default void aGraphThatIsReadAnswersAsTheOneThatWasWritten() throws IOException {
    VectorGraph graph = build(vectors());
    byte[] bytes = bytes(graph);
    VectorGraph read = provider().read(new Dribble(bytes), vectors(), options());
    assertEquals(SIZE, read.size());
    assertEquals(graph.name(), read.name());
    for (int q = 0; q < 20; q++) {
      float[] query = VectorArray.random(1, DIMENSION, 80 + q).vector(0);
      Neighbours expected = graph.search(query, 10, 50, ordinal -> ordinal % 3 > 0);
      Neighbours found = read.search(query, 10, 50, ordinal -> ordinal % 3 > 0);
      assertArrayEquals(expected.ordinals(), found.ordinals());
      assertArrayEquals(expected.similarities(), found.similarities());
    }
    assertArrayEquals(bytes, bytes(read), "written again");
  }

  @Test
  default void damagedBytesAreRefused() throws IOException {
    byte[] bytes = bytes(build(vectors()));
    int step = Math.max(1, bytes.length / DAMAGES);
    for (int at = 0; at < bytes.length; at += step) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= (byte) (1 << at % Byte.SIZE);
      refused(flipped, "bit of byte " + at + " flipped");
      refused(Arrays.copyOf(bytes, at), "cut at byte " + at);
    }
    refused(new byte[bytes.length], "zeros");
  }

  private void refused(byte[] damaged, String how) {
    assertThrows(
        IOException.class,
        () -> provider().read(new ByteArrayInputStream(damaged), vectors(), options()),
        how);
  }

  @Test
  default void aGraphOfOtherVectorsIsRefused() throws IOException {
    byte[] bytes = bytes(build(vectors()));
    VectorArray fewer = VectorArray.random(SIZE - 1, DIMENSION, 3);
    assertThrows(
        IOException.class,
        () -> provider().read(new ByteArrayInputStream(bytes), fewer, options()));
  }

  @Test
  default void searchesOnFourThreadsGiveTheSame() throws InterruptedException {
    VectorGraph graph = build(vectors());
    float[] query = VectorArray.random(1, DIMENSION, 9).vector(0);
    int[] alone = graph.search(query, 20, 100, ordinal -> true).ordinals();
    for (Neighbours together :
        Samples.concurrently(() -> graph.search(query, 20, 100, ordinal -> true))) {
      assertArrayEquals(alone, together.ordinals());
    }
  }

  private static byte[] bytes(VectorGraph graph) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    graph.write(out);
    return out.toByteArray();
  }
}
