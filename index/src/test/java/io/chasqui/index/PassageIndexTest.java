package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.NoBackendException;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.SpaceMismatchException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassageIndexTest {
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("test", 3);

  @TempDir Path folder;

  private PassageIndex create() throws IOException {
    return PassageIndex.create(folder.resolve("index"), SPACE, IndexOptions.exact());
  }

  private static Embeddings vectors(float... values) {
    return Embeddings.of(3, values);
  }

  private static List<String> ids(List<ScoredPassage> hits) {
    return hits.stream().map(ScoredPassage::id).toList();
  }

  @Test
  void whatIsCommittedIsExportedWithItsVectors() throws IOException {
    try (PassageIndex index = create()) {
      index.export(2, (passages, vectors) -> fail("nothing is there"));
      index.add(
          List.of(Passage.of("a", "one"), Passage.of("b", "two"), Passage.of("c", "three")),
          vectors(1, 0, 0, 0, 1, 0, 0, 0, 1));
      index.commit();
      index.remove(List.of("b"));
      index.add(List.of(Passage.of("0", "zero")), vectors(1, 2, 3));
      index.commit();
      index.add(List.of(Passage.of("pending", "")), vectors(9, 9, 9));
      Map<String, List<Float>> exported = new HashMap<>();
      List<Integer> sizes = new ArrayList<>();
      index.export(
          2,
          (passages, vectors) -> {
            sizes.add(passages.size());
            for (int row = 0; row < vectors.size(); row++) {
              float[] v = vectors.row(row);
              exported.put(passages.get(row).text(), List.of(v[0], v[1], v[2]));
            }
          });
      assertEquals(List.of(2, 1), sizes);
      assertEquals(
          Map.of(
              "one",
              List.of(1f, 0f, 0f),
              "three",
              List.of(0f, 0f, 1f),
              "zero",
              List.of(1f, 2f, 3f)),
          exported);
      assertThrows(IllegalArgumentException.class, () -> index.export(0, (p, v) -> {}));
    }
  }

  @Test
  void whatWasCommittedIsFoundAgainAfterReopening() throws IOException {
    Passage full =
        new Passage(
            "b",
            "doc",
            "Title",
            "text with \ud83d\ude00, a lone \ud800 and NUL \0",
            Metadata.of(Map.of("n", 3L, "d", 2.5, "s", "x", "t", true, "l", List.of("p", "q"))));
    try (PassageIndex index = create()) {
      index.add(List.of(Passage.of("a", "one"), full), vectors(1, 0, 0, 0, 1, 0));
      assertEquals(0, index.size());
      assertEquals(2, index.pendingChanges());
      assertEquals(2, index.commit());
      assertEquals(2, index.size());
    }
    try (PassageIndex index = PassageIndex.open(folder.resolve("index"))) {
      assertEquals(SPACE, index.space());
      List<ScoredPassage> hits = index.search(new float[] {0.5f, 1, 0}, 5);
      assertEquals(List.of("b", "a"), ids(hits));
      assertEquals(full, hits.get(0).passage());
      assertEquals(1f, hits.get(0).score());
      assertEquals(full, index.get("b").orElseThrow());
      assertFalse(index.contains("c"));
    }
  }

  @Test
  void equalScoresAreOrderedByIdAcrossSegments() throws IOException {
    try (PassageIndex index = create()) {
      for (String id : List.of("c", "a", "d", "b")) {
        index.add(List.of(Passage.of(id, "")), vectors(1, 1, 1));
        index.commit();
      }
      assertEquals(List.of("a", "b", "c"), ids(index.search(new float[] {1, 0, 0}, 3)));
    }
  }

  @Test
  void upsertReplacesTheWholeDocument() throws IOException {
    try (PassageIndex index = create()) {
      index.add(
          List.of(
              Passage.of("d#0", "old 0").withDocumentId("d"),
              Passage.of("d#1", "old 1").withDocumentId("d"),
              Passage.of("e", "other")),
          vectors(1, 0, 0, 0, 1, 0, 0, 0, 1));
      index.commit();
      index.upsert(List.of(Passage.of("d#0", "new 0").withDocumentId("d")), vectors(0, 0, 1));
      assertEquals("old 0", index.get("d#0").orElseThrow().text());
      index.commit();
      assertEquals(2, index.size());
      assertEquals("new 0", index.get("d#0").orElseThrow().text());
      assertFalse(index.contains("d#1"));
      assertEquals(2, index.stats().removed());
      assertEquals(1, index.removeDocument("d"));
      assertEquals(1, index.remove(List.of("e", "nowhere")));
      index.commit();
      assertEquals(0, index.size());
      assertEquals(List.of(), index.search(new float[] {1, 1, 1}, 3));
    }
  }

  @Test
  void misuseIsRefusedAndChangesNothing() throws IOException {
    try (PassageIndex index = create()) {
      Passage a = Passage.of("a", "");
      index.add(List.of(a), vectors(1, 0, 0));
      index.commit();
      Passage b = Passage.of("b", "");
      refused(() -> index.add(List.of(b), Embeddings.of(2, new float[2])), "dimension 2");
      refused(() -> index.add(List.of(b), vectors(1, 0, 0, 1, 0, 0)), "1 passages but 2");
      refused(() -> index.add(List.of(b, a), vectors(1, 0, 0, 1, 0, 0)), "\"a\" is in the index");
      refused(() -> index.add(List.of(b, b), vectors(1, 0, 0, 1, 0, 0)), "\"b\" is twice");
      refused(() -> index.add(List.of(b), vectors(Float.MAX_VALUE, 0, 0)), "\"b\" has length");
      refused(
          () ->
              index.add(
                  List.of(b),
                  Embeddings.of(3, new float[3], new BitSet(), Map.of(0, "NaN in layer 2"))),
          "\"b\" (NaN in layer 2)");
      refused(() -> index.search(new float[2], 1), "dimension 2");
      refused(() -> index.search(new float[3], 0), "k must be positive: 0");
      refused(() -> index.search(new float[] {0, Float.NaN, 0}, 1), "NaN at 1");
      assertEquals(0, index.pendingChanges());
      assertEquals(2, index.commit());
      assertEquals(List.of("a"), ids(index.search(new float[] {1, 0, 0}, Integer.MAX_VALUE)));
    }
  }

  private static void refused(org.junit.jupiter.api.function.Executable call, String problem) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(String.valueOf(message).contains(problem), message);
  }

  @Test
  @SuppressWarnings("try") // closed early on purpose
  void aSecondWriterIsRefusedAndMayWriteLater() throws IOException {
    try (PassageIndex first = create();
        PassageIndex second = PassageIndex.open(folder.resolve("index"))) {
      assertThrows(
          IndexLockedException.class,
          () -> second.add(List.of(Passage.of("b", "")), vectors(1, 0, 0)));
      first.add(List.of(Passage.of("a", "")), vectors(1, 0, 0));
      first.commit();
      assertEquals(0, second.size());
      second.refresh();
      assertEquals(1, second.size());
      first.add(List.of(Passage.of("c", "")), vectors(1, 0, 0));
      first.commit();
      first.close();
      assertThrows(
          IllegalArgumentException.class,
          () -> second.add(List.of(Passage.of("c", "")), vectors(1, 0, 0)));
      second.add(List.of(Passage.of("b", "")), vectors(1, 0, 0));
      second.commit();
      assertEquals(3, second.size());
    }
  }

  @Test
  void filtersDecideWhatMayBeReturned() throws IOException {
    try (PassageIndex index = create()) {
      for (int i = 0; i < 10; i++) {
        index.add(
            List.of(Passage.of("p" + i, "").withMetadata(Metadata.of("n", i))), vectors(i, 0, 0));
      }
      index.commit();
      index.remove(List.of("p8"));
      index.commit();
      assertEquals(
          List.of("p9", "p7", "p6"),
          ids(index.search(new float[] {1, 0, 0}, 5, Filter.gt("n", 5), Deadline.none())));
    }
  }

  @Test
  void openingSaysWhatIsWrong() throws IOException {
    Path place = folder.resolve("index");
    assertThrows(NoSuchFileException.class, () -> PassageIndex.open(place));
    create().close();
    assertThrows(FileAlreadyExistsException.class, this::create);
    SpaceMismatchException other =
        assertThrows(
            SpaceMismatchException.class,
            () ->
                PassageIndex.openOrCreate(
                    place, EmbeddingSpace.named("other", 3), IndexOptions.exact()));
    assertTrue(String.valueOf(other.getMessage()).contains("name: test / other"));
    PassageIndex.openOrCreate(place, SPACE, IndexOptions.exact()).close();
    NoBackendException missing =
        assertThrows(
            NoBackendException.class,
            () -> PassageIndex.create(folder.resolve("graph"), SPACE, IndexOptions.defaults()));
    assertTrue(String.valueOf(missing.getMessage()).contains("io.chasqui:chasqui-index-hnsw"));
  }

  @Test
  void aClosedIndexRefusesByName() throws IOException {
    PassageIndex index = create();
    index.close();
    index.close();
    IllegalStateException closed =
        assertThrows(IllegalStateException.class, () -> index.search(new float[3], 1));
    assertTrue(String.valueOf(closed.getMessage()).contains("is closed"));
    assertThrows(IllegalStateException.class, index::commit);
  }
}
