package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.IndexCorruptException;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damages each byte of an index of more than 30 KB. */
class DamageTest {
  private static final Path PLACE = Path.of("index");
  private static final int DIMENSION = 16;
  private static final int ROWS = 300;
  private static final float[] QUERY = new float[DIMENSION];

  static {
    Arrays.fill(QUERY, 0.25f);
  }

  private final MemoryFiles disk = new MemoryFiles();
  private List<ScoredPassage> truth = List.of();

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(3);
    IndexOptions options =
        IndexOptions.exact()
            .withGraph("test")
            .withGraphFrom(100)
            .withElements(ElementType.INT8); // has every kind of file
    EmbeddingSpace space = EmbeddingSpace.named("test", DIMENSION);
    try (PassageIndex index = PassageIndex.create(disk, PLACE, space, options)) {
      List<Passage> passages = new ArrayList<>();
      float[] values = new float[ROWS * DIMENSION];
      for (int i = 0; i < ROWS; i++) {
        passages.add(
            Passage.of("p" + i, "title " + i, "some text " + random.nextLong())
                .withDocumentId("d" + i / 3)
                .withMetadata(Metadata.of("n", i)));
        for (int j = 0; j < DIMENSION; j++) {
          values[i * DIMENSION + j] = (float) random.nextGaussian();
        }
      }
      index.add(passages, Embeddings.of(DIMENSION, values));
      index.commit();
      index.remove(List.of("p7"));
      index.commit();
      truth = everything(index);
    }
    assertEquals(ROWS - 1, truth.size());
    long bytes = disk.paths().stream().mapToLong(file -> disk.get(file).length).sum();
    assertTrue(bytes >= 30_000, bytes + " bytes");
  }

  private static List<ScoredPassage> everything(PassageIndex index) {
    List<ScoredPassage> all = index.search(QUERY, ROWS, Filter.all(), Deadline.none());
    index.search(QUERY, 10); // compares the codes
    return all;
  }

  /** Opens a damaged index; whether the damage was reported. The answer must never be wrong. */
  private boolean reported(MemoryFiles damaged, String what) throws IOException {
    try (PassageIndex index = PassageIndex.open(damaged, PLACE)) {
      if (!everything(index).equals(truth)) {
        fail("a wrong answer after " + what);
      }
      return false;
    } catch (IndexCorruptException e) {
      assertTrue(String.valueOf(e.getMessage()).contains(PLACE.toString()), what);
      return true;
    }
  }

  /** Whether a file's damage can go unreported: an older generation, or derived data. */
  private static boolean isDispensable(Path file) {
    return file.endsWith("MANIFEST-2") || file.toString().endsWith(".hnsw");
  }

  @Test
  void oneBitOfEveryByte() throws IOException {
    Random random = new Random(5);
    int flips = 0;
    for (Path file : disk.paths()) {
      for (int at = 0; at < disk.get(file).length; at++) {
        flip(file, at, random.nextInt(8));
        flips++;
      }
    }
    assertTrue(flips >= 30_000, flips + " flips");
  }

  @Test
  @Tag("nightly")
  void everyBit() throws IOException {
    int flips = 0;
    for (Path file : disk.paths()) {
      for (int at = 0; at < disk.get(file).length; at++) {
        for (int bit = 0; bit < 8; bit++) {
          flip(file, at, bit);
          flips++;
        }
      }
    }
    System.out.println(flips + " bits flipped, none of them unnoticed");
  }

  private void flip(Path file, int at, int bit) throws IOException {
    byte[] flipped = disk.get(file).clone();
    flipped[at] ^= (byte) (1 << bit);
    MemoryFiles damaged = disk.copy();
    damaged.put(file, flipped);
    int built = TestGraph.BUILT.get();
    String what = "bit " + bit + " of byte " + at + " of " + file;
    assertEquals(!isDispensable(file), reported(damaged, what), what);
    if (file.toString().endsWith(".hnsw")) {
      assertEquals(built + 1, TestGraph.BUILT.get(), "graph not rebuilt: " + what);
    }
  }

  @Test
  @Tag("nightly")
  void everyExtensionUpToABlock() throws IOException {
    Random random = new Random(6);
    for (Path file : disk.paths()) {
      byte[] intact = disk.get(file);
      for (int more = 1; more <= 65_536; more += more < 4_096 ? 1 : 509) {
        byte[] longer = Arrays.copyOf(intact, intact.length + more);
        for (int i = intact.length; more % 2 == 0 && i < longer.length; i++) {
          longer[i] = (byte) random.nextInt();
        }
        MemoryFiles damaged = disk.copy();
        damaged.put(file, longer);
        String what = more + " bytes more in " + file;
        assertEquals(!isDispensable(file), reported(damaged, what), what);
      }
    }
  }

  @Test
  void everyTruncationAndSomeExtensions() throws IOException {
    for (Path file : disk.paths()) {
      byte[] intact = disk.get(file);
      for (int length = 0; length < intact.length; length++) {
        MemoryFiles damaged = disk.copy();
        damaged.put(file, Arrays.copyOf(intact, length));
        assertEquals(
            !isDispensable(file),
            reported(damaged, length + " bytes of " + file),
            file + " cut to " + length);
      }
      for (int more : new int[] {1, 2, 31, 32, 4096, 65_536}) {
        MemoryFiles damaged = disk.copy();
        damaged.put(file, Arrays.copyOf(intact, intact.length + more));
        assertEquals(
            !isDispensable(file), reported(damaged, more + " bytes more"), file + " + " + more);
      }
    }
  }

  @Test
  void anIntactFileOfAnotherIndexOrGenerationIsRefused() throws IOException {
    MemoryFiles foreign = new MemoryFiles();
    EmbeddingSpace space = EmbeddingSpace.named("test", DIMENSION);
    PassageIndex.create(foreign, PLACE, space, IndexOptions.exact()).close();
    MemoryFiles damaged = disk.copy();
    damaged.put(PLACE.resolve("MANIFEST-3"), foreign.get(PLACE.resolve("MANIFEST-1")));
    assertTrue(reported(damaged, "a foreign manifest"));
    for (Path file : disk.paths()) {
      String name = file.toString();
      if (name.endsWith(".vec")) {
        byte[] other = disk.get(file).clone();
        MemoryFiles rewritten = disk.copy();
        Path copy = PLACE.resolve("copy");
        FileHeader header = new FileHeader(FileType.VECTORS, new java.util.UUID(1, 2), 2, 0, 0, 0);
        try (FramedWriter out = new FramedWriter(rewritten, copy, header)) {
          out.write(other, FileHeader.BYTES, ROWS * DIMENSION * Float.BYTES);
          out.finish();
        }
        rewritten.put(file, rewritten.get(copy));
        assertTrue(reported(rewritten, "a swapped vector file"));
      }
    }
  }

  @Test
  void theReportNamesFileAndIntactGenerations() {
    MemoryFiles damaged = disk.copy();
    Path tombstones =
        disk.paths().stream().filter(f -> f.toString().endsWith(".del")).findAny().orElseThrow();
    byte[] bytes = disk.get(tombstones).clone();
    bytes[FileHeader.BYTES] ^= 1;
    damaged.put(tombstones, bytes);
    IndexCorruptException e =
        assertThrows(IndexCorruptException.class, () -> PassageIndex.open(damaged, PLACE));
    assertEquals(tombstones, e.file());
    assertEquals(FileHeader.BYTES, e.offset());
    assertTrue(String.valueOf(e.getMessage()).contains("older intact generations: [2]"));
  }

  @Test
  void aNewerFormatSaysSo() throws IOException {
    Path manifest = PLACE.resolve("MANIFEST-3");
    byte[] bytes = disk.get(manifest).clone();
    FileHeader header = FileHeader.decode(manifest, FileType.MANIFEST, Arrays.copyOf(bytes, 64));
    System.arraycopy(header.encode(FileHeader.VERSION + 1), 0, bytes, 0, FileHeader.BYTES);
    disk.put(manifest, bytes);
    IndexVersionException e =
        assertThrows(IndexVersionException.class, () -> PassageIndex.open(disk, PLACE));
    assertEquals(FileHeader.VERSION + 1, e.found());
    assertTrue(String.valueOf(e.getMessage()).contains("use a newer one"));
  }
}
