package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LibraryBatchesTest {
  private static final int BATCH = 10;

  private static TrainingExample query(String id, String query, String passage, String title) {
    return TrainingExample.of(
        id, query, List.of(Passage.of(passage, title, "What " + title + " does.")), List.of());
  }

  /** 300 queries of three libraries, each member with two overloads. */
  private static List<TrainingExample> queries() {
    List<TrainingExample> queries = new ArrayList<>();
    for (String library : List.of("io", "math", "text")) {
      for (int i = 0; i < 50; i++) {
        for (String types : List.of("(int)", "(long)")) {
          String member = "C.m" + i + types;
          queries.add(query(library + member, library + i, library + ":" + member, member));
        }
      }
    }
    return queries;
  }

  private static List<List<TrainingExample>> batches(LibraryBatches data, int epoch)
      throws IOException {
    try (Stream<TrainingExample> all = data.epoch(7, epoch)) {
      List<TrainingExample> flat = all.toList();
      List<List<TrainingExample>> batches = new ArrayList<>();
      for (int from = 0; from + BATCH <= flat.size(); from += BATCH) {
        batches.add(flat.subList(from, from + BATCH));
      }
      assertEquals(0, flat.size() % BATCH);
      return batches;
    }
  }

  private static Set<String> libraries(List<TrainingExample> batch) {
    return batch.stream()
        .map(e -> e.positives().get(0).id().replaceFirst(":.*", ""))
        .collect(Collectors.toSet());
  }

  @Test
  void mostBatchesAreOfOneLibraryAndNoneHasTwoOverloads() throws IOException {
    LibraryBatches data = LibraryBatches.of(TrainingData.of(queries()), BATCH);
    List<List<TrainingExample>> batches = batches(data, 0);
    long alone = batches.stream().filter(batch -> libraries(batch).size() == 1).count();
    assertTrue(batches.size() >= 24, batches.size() + " batches");
    assertTrue(alone >= batches.size() * 0.5 && alone < batches.size(), alone + " alone");
    for (List<TrainingExample> batch : batches) {
      // A mixed batch may have members of equal names from two libraries, never overloads.
      Set<String> members =
          batch.stream()
              .map(e -> BareTitles.bare(e.positives().get(0).title()))
              .collect(Collectors.toSet());
      assertEquals(BATCH, members.size());
    }
    assertEquals((double) batches.size() * BATCH, (double) data.size(), BATCH * 3.0);
  }

  @Test
  void anOverloadWaitsForTheNextBatch() throws IOException {
    List<TrainingExample> queries = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (String name : List.of("A", "B")) {
        String member = name + "(T" + i + ")";
        queries.add(query(member, name + i, "io:" + member, member));
      }
    }
    try (Stream<TrainingExample> all = LibraryBatches.of(TrainingData.of(queries), 2).epoch(7, 0)) {
      long come = all.map(TrainingExample::id).distinct().count();
      assertTrue(come >= 48, come + " of 60");
    }
  }

  @Test
  void theSameSeedAndEpochGiveTheSameOrderAndNoQueryTwice() throws IOException {
    LibraryBatches data = LibraryBatches.of(TrainingData.of(queries()), BATCH);
    List<List<TrainingExample>> first = batches(data, 0);
    assertEquals(first, batches(data, 0));
    assertNotEquals(first, batches(data, 1));
    Set<String> ids =
        first.stream().flatMap(List::stream).map(TrainingExample::id).collect(Collectors.toSet());
    assertEquals(first.size() * BATCH, ids.size());
  }

  @Test
  void whatMembersOfDifferentNamesAreAskedByIsLeftOut() throws IOException {
    List<TrainingExample> queries = new ArrayList<>(queries());
    queries.add(query("x", "the new instance", "io:A.make()", "A.make()"));
    queries.add(query("y", "the new instance", "io:B.of(int)", "B.of(int)"));
    LibraryBatches data = LibraryBatches.of(TrainingData.of(queries), 1);
    try (Stream<TrainingExample> all = data.epoch(0, 0)) {
      List<String> asked = all.map(TrainingExample::query).toList();
      assertFalse(asked.contains("the new instance"));
      assertEquals(300, asked.size());
    }
    assertNotEquals(
        data.fingerprint(), LibraryBatches.of(TrainingData.of(queries), 2).fingerprint());
  }
}
