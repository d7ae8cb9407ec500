package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same hundred passages again and again: the index stays as small as they are. */
class UpsertForeverTest {
  private static final int ROUNDS = 1_000;
  private static final int PASSAGES = 100;

  @TempDir Path folder;

  @Test
  void aThousandRoundsTakeTheSpaceOfTwoGenerations() throws IOException {
    MemoryFiles disk = new MemoryFiles();
    Path place = Path.of("index");
    LongSupplier bytes = () -> disk.paths().stream().mapToLong(file -> disk.get(file).length).sum();
    upsert(disk, place, 3, bytes, 0);
    assertEquals(8, disk.list(place).size()); // two generations: 2 manifests, 2 x 3 files
  }

  @Test
  @Tag("nightly")
  void soDoesTheDisk() throws IOException {
    Path place = folder.resolve("index");
    upsert(DiskFiles.INSTANCE, place, 1_024, () -> bytes(place), 100);
  }

  private static long bytes(Path place) {
    try (var files = Files.list(place)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * @param printEvery rounds after which it is told what is in use; 0 for never
   */
  private static void upsert(
      FileLayer files, Path place, int dimension, LongSupplier bytes, int printEvery)
      throws IOException {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < PASSAGES; i++) {
      passages.add(Passage.of("id" + i, "text " + i));
    }
    EmbeddingSpace space = EmbeddingSpace.named("test", dimension);
    try (PassageIndex index = PassageIndex.create(files, place, space, IndexOptions.exact())) {
      long disk = 0;
      long heap = 0;
      for (int round = 1; round <= ROUNDS; round++) {
        float[] values = new float[PASSAGES * dimension];
        Arrays.fill(values, round);
        index.upsert(passages, Embeddings.of(dimension, values));
        index.commit();
        assertEquals(PASSAGES, index.size());
        if (printEvery > 0 && round % printEvery == 0) {
          System.out.printf(
              Locale.ROOT,
              "round %d: %,d bytes of files, %s, %,d bytes of heap%n",
              round,
              bytes.getAsLong(),
              mapped(),
              heap());
        }
        if (round == 10) {
          disk = bytes.getAsLong();
          heap = heap();
        }
      }
      assertEquals(1, index.stats().segments());
      assertEquals(0, index.stats().removed());
      assertEquals((float) ROUNDS * dimension, index.search(ones(dimension), 1).get(0).score());
      assertTrue(bytes.getAsLong() < disk * 1.1, bytes.getAsLong() + " bytes, were " + disk);
      assertTrue(heap() < heap + 4_000_000, heap() + " bytes of heap, were " + heap);
    }
  }

  private static float[] ones(int dimension) {
    float[] ones = new float[dimension];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static String mapped() {
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals("mapped")) {
        return String.format(
            Locale.ROOT, "%,d bytes mapped in %d pieces", pool.getMemoryUsed(), pool.getCount());
      }
    }
    return "";
  }
}
