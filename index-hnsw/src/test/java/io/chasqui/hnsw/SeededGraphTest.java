package io.chasqui.hnsw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorSource;
import io.chasqui.testkit.VectorArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeededGraphTest {
  private static final int SIZE = 2_000;
  private static final VectorArray VECTORS = VectorArray.random(SIZE, 24, 5);
  private static final GraphOptions OPTIONS = GraphOptions.defaults().withBuildBreadth(60);

  private static VectorGraph build(VectorSource vectors, GraphOptions options) {
    return new SeededGraphProvider().build(vectors, options, added -> {});
  }

  private static byte[] bytes(VectorGraph graph) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    graph.write(out);
    return out.toByteArray();
  }

  @Test
  void aSeedGivesOneGraphOnAnyNumberOfThreads() throws IOException {
    byte[] alone = bytes(build(VECTORS, OPTIONS.withThreads(1)));
    assertArrayEquals(alone, bytes(build(VECTORS, OPTIONS.withThreads(1))));
    assertArrayEquals(alone, bytes(build(VECTORS, OPTIONS.withThreads(4))));
    assertFalse(Arrays.equals(alone, bytes(build(VECTORS, OPTIONS.withThreads(1).withSeed(7)))));
  }

  @Test
  void aModestBreadthFindsTheNearest() {
    VectorGraph graph = build(VECTORS, OPTIONS);
    int hits = 0;
    for (int q = 0; q < 50; q++) {
      float[] query = VectorArray.random(1, 24, 100 + q).vector(0);
      Set<Integer> found = new HashSet<>();
      for (int ordinal : graph.search(query, 10, 100, o -> true).ordinals()) {
        found.add(ordinal);
      }
      Set<Integer> exact = new HashSet<>();
      IntStream.range(0, SIZE)
          .boxed()
          .sorted(
              (a, b) -> Float.compare(VECTORS.similarity(b, query), VECTORS.similarity(a, query)))
          .limit(10)
          .forEach(exact::add);
      exact.retainAll(found);
      hits += exact.size();
    }
    assertTrue(hits >= 475, "recall " + hits + " of 500");
  }

  @Test
  void aWalkThatCostsMoreThanIsAllowedGivesUp() {
    VectorGraph graph = build(VECTORS, OPTIONS);
    float[] query = VECTORS.vector(3);
    AtomicInteger asked = new AtomicInteger();
    Neighbours none =
        graph.search(
            query,
            10,
            50,
            ordinal -> {
              asked.incrementAndGet();
              return false;
            },
            100);
    assertEquals(0, none.size());
    assertTrue(asked.get() < 300, asked + " nodes were looked at");
    assertEquals(10, graph.search(query, 10, 50, ordinal -> true, SIZE).size());
  }

  @Test
  void manyEqualVectorsAreAllFound() {
    VectorGraph graph = build(VectorArray.of(2, new float[2 * 500]), OPTIONS);
    assertEquals(500, graph.search(new float[] {1, 0}, 500, 500, ordinal -> true).size());
  }

  @Test
  void aFailureOfTheSourceEndsTheBuild() {
    VectorSource broken =
        new VectorSource() {
          @Override
          public int size() {
            return SIZE;
          }

          @Override
          public int dimension() {
            return 24;
          }

          @Override
          public void copy(int ordinal, float[] target) {
            VECTORS.copy(ordinal, target);
          }

          @Override
          public float similarity(int ordinal, float[] query) {
            return VECTORS.similarity(ordinal, query);
          }

          @Override
          public float similarity(int ordinal, int other) {
            if (ordinal == 700 || other == 700) {
              throw new IllegalStateException("row 700 is damaged");
            }
            return VECTORS.similarity(ordinal, other);
          }
        };
    assertThrows(IllegalStateException.class, () -> build(broken, OPTIONS.withThreads(2)));
  }
}
