package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.IndexCorruptException;
import io.chasqui.Passage;
import io.chasqui.spi.GraphOptions;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IndexDoctorTest {
  private static final Path PLACE = Path.of("index");

  private final MemoryFiles disk = new MemoryFiles();

  @BeforeEach
  void write() throws IOException {
    IndexOptions options =
        IndexOptions.exact()
            .withGraph("test")
            .withGraphFrom(10)
            .withGraphOptions(GraphOptions.defaults().withSearchBreadth(1));
    EmbeddingSpace space = EmbeddingSpace.named("test", Model.DIMENSION);
    try (PassageIndex index = PassageIndex.create(disk, PLACE, space, options)) {
      List<Passage> passages = new ArrayList<>();
      for (int i = 0; i < 70; i++) {
        passages.add(Passage.of("p" + i, "text " + i));
      }
      index.add(passages, Model.vectors(passages));
      index.commit();
      index.remove(List.of("p1"));
      index.commit();
    }
  }

  private Path file(String suffix) {
    return disk.paths().stream().filter(f -> f.toString().endsWith(suffix)).findAny().orElseThrow();
  }

  private void damage(String suffix) {
    byte[] bytes = disk.get(file(suffix)).clone();
    bytes[FileHeader.BYTES + 3] ^= 4;
    disk.put(file(suffix), bytes);
  }

  @Test
  void aHealthyIndexIsCalledHealthy() throws IOException {
    IndexReport report = IndexDoctor.check(disk, PLACE);
    assertTrue(report.isHealthy());
    assertEquals(List.of(3L, 2L), report.generations().stream().map(g -> g.number()).toList());
    assertEquals(69, report.generations().get(0).passages());
    assertEquals(70, report.generations().get(1).passages());
    assertThrows(NoSuchFileException.class, () -> IndexDoctor.check(disk, Path.of("elsewhere")));
  }

  @Test
  void damageIsFoundWhereverItIs() throws IOException {
    for (String suffix : List.of(".vec", ".ids", ".meta", ".del", "MANIFEST-3")) {
      byte[] intact = disk.get(file(suffix));
      damage(suffix);
      IndexReport report = IndexDoctor.check(disk, PLACE);
      assertFalse(report.isHealthy(), suffix);
      assertFalse(report.generations().get(0).isIntact(), suffix);
      assertTrue(report.generations().get(0).problems().get(0).contains(suffix), suffix);
      disk.put(file(suffix), intact);
    }
  }

  @Test
  void rollbackBringsAnOlderGenerationBack() throws IOException {
    damage(".del");
    assertThrows(IndexCorruptException.class, () -> PassageIndex.open(disk, PLACE));
    IndexReport report = IndexDoctor.check(disk, PLACE);
    long intact = report.newestIntact().orElseThrow().number();
    assertEquals(2, intact);
    assertEquals(4, IndexDoctor.rollback(disk, PLACE, intact));
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      assertEquals(70, index.size());
      index.remove(List.of("p1", "p2"));
      assertEquals(5, index.commit());
      assertEquals(68, index.size());
    }
    assertTrue(IndexDoctor.check(disk, PLACE).isHealthy());
  }

  @Test
  void rollbackToADamagedGenerationChangesNothing() {
    damage(".vec");
    assertThrows(IndexCorruptException.class, () -> IndexDoctor.rollback(disk, PLACE, 2));
    assertTrue(disk.paths().contains(PLACE.resolve("MANIFEST-3")));
    assertFalse(disk.paths().contains(PLACE.resolve("MANIFEST-4")));
  }

  @Test
  void aDamagedGraphIsRebuiltForGood() throws IOException {
    damage(".hnsw");
    IndexReport report = IndexDoctor.check(disk, PLACE);
    assertFalse(report.isHealthy());
    assertTrue(report.generations().get(0).isIntact());
    assertEquals(4, IndexDoctor.rebuildGraphs(disk, PLACE));
    assertTrue(IndexDoctor.check(disk, PLACE).isHealthy());
    int built = TestGraph.BUILT.get();
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      assertEquals(built, TestGraph.BUILT.get());
      assertEquals(69, index.size());
    }
  }

  @Test
  void recallIsWhatSearchesFindOfTheTruth() throws IOException {
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      List<Integer> told = new ArrayList<>();
      RecallReport whole = IndexDoctor.recall(index, 2, 20, 1, told::add);
      assertEquals(1.0, whole.mean());
      assertEquals(1.0, whole.worst());
      assertEquals(20, whole.complete());
      assertEquals(20, told.size());
      assertTrue(whole.exactTime().toNanos() > 0 && whole.searchTime().toNanos() > 0);

      // A graph that has lost the nearest passage of one of two queries.
      float[] query = Model.vector(Passage.of("p9", "text 9"));
      float[] opposite = new float[query.length];
      for (int i = 0; i < query.length; i++) {
        opposite[i] = -query[i];
      }
      List<float[]> queries = List.of(query, opposite);
      String nearest = index.search(query, 1).get(0).id();
      TestGraph.BLIND_TO.set(
          new Store(disk, PLACE).openNewest(Optional.empty()).segments().get(0).find(nearest));
      try {
        RecallReport lost = IndexDoctor.recall(index, 2, queries, done -> {});
        assertEquals(
            new RecallReport(2, 2, 0.75, 0.5, 1, lost.searchTime(), lost.exactTime()), lost);
      } finally {
        TestGraph.BLIND_TO.set(-1);
      }
      assertThrows(
          IllegalArgumentException.class, () -> IndexDoctor.recall(index, 0, queries, n -> {}));
    }
  }

  @Test
  void anOpenIndexIsVerifiedToTheLastByte() throws IOException {
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      index.verify();
    }
    damage(".vec");
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      IndexCorruptException damaged = assertThrows(IndexCorruptException.class, index::verify);
      assertEquals(file(".vec"), damaged.file());
    }
  }

  @Test
  void codesAreVerifiedAsTheFullVectorsAre() throws IOException {
    Path place = Path.of("quantised");
    IndexOptions options = IndexOptions.exact().withElements(ElementType.INT8);
    EmbeddingSpace space = EmbeddingSpace.named("test", Model.DIMENSION);
    try (PassageIndex index = PassageIndex.create(disk, place, space, options)) {
      List<Passage> passages = List.of(Passage.of("a", "text"), Passage.of("b", "more text"));
      index.add(passages, Model.vectors(passages));
      index.commit();
      index.verify();
    }
    for (String suffix : List.of(".codes", ".vec")) {
      Path damaged =
          disk.paths().stream()
              .filter(f -> f.startsWith(place) && f.toString().endsWith(suffix))
              .findAny()
              .orElseThrow();
      byte[] intact = disk.get(damaged);
      byte[] bytes = intact.clone();
      bytes[FileHeader.BYTES + 5] ^= 1;
      disk.put(damaged, bytes);
      try (PassageIndex index = PassageIndex.open(disk, place)) {
        assertEquals(damaged, assertThrows(IndexCorruptException.class, index::verify).file());
      }
      IndexReport report = IndexDoctor.check(disk, place);
      assertTrue(report.generations().get(0).problems().get(0).contains(suffix), suffix);
      disk.put(damaged, intact);
    }
  }
}
