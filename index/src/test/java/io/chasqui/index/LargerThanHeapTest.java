package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index whose vectors do not fit the heap: it is filled, opened and searched. */
class LargerThanHeapTest {
  private static final int HEAP_MB = 20;
  private static final int DIMENSION = 1_024;
  private static final int ROWS = 12_000; // 49 MB
  private static final int BATCH = 500;
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("large", DIMENSION);

  @TempDir Path folder;

  private static float[] vectors(int from, int count) {
    float[] values = new float[count * DIMENSION];
    for (int i = 0; i < count; i++) {
      Random random = new Random(from + i);
      for (int j = 0; j < DIMENSION; j++) {
        values[i * DIMENSION + j] = random.nextFloat() - 0.5f;
      }
    }
    return values;
  }

  /** Fills the index, or searches it, in a small heap; says what it found. */
  static final class Small {
    private Small() {}

    public static void main(String[] args) throws IOException {
      Path place = Path.of(args[1]);
      if (args[0].equals("fill")) {
        try (PassageIndex index = PassageIndex.create(place, SPACE, IndexOptions.exact())) {
          for (int from = 0; from < ROWS; from += BATCH) {
            List<Passage> passages = new ArrayList<>();
            for (int i = from; i < from + BATCH; i++) {
              passages.add(Passage.of("p" + i, "text " + i));
            }
            index.add(passages, Embeddings.of(DIMENSION, vectors(from, BATCH)));
            index.commit();
          }
          index.compact();
        }
      } else {
        try (PassageIndex index = PassageIndex.open(place)) {
          index.verify();
          for (int i = 0; i < ROWS; i += 1_499) {
            System.out.println(index.search(vectors(i, 1), 3).get(0).id());
          }
        }
      }
    }
  }

  private List<String> run(String what) throws IOException, InterruptedException {
    Process small =
        Jvm.start(
            List.of("-Xmx" + HEAP_MB + "m"), Small.class, what, folder.resolve("i").toString());
    List<String> lines;
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(small.getInputStream(), StandardCharsets.UTF_8))) {
      lines = said.lines().toList();
    }
    assertEquals(0, small.waitFor(), what);
    return lines;
  }

  @Test
  void itIsFilledAndSearchedInASmallHeap() throws Exception {
    run("fill");
    List<String> found = run("search");
    assertEquals(9, found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals("p" + i * 1_499, found.get(i));
    }
    try (PassageIndex index = PassageIndex.open(folder.resolve("i"))) {
      assertTrue(index.stats().bytes() > (2L * HEAP_MB) << 20, index.stats().toString());
    }
  }
}
