package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.SpaceMismatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IndexJobTest {
  private static final Path PLACE = Path.of("index");
  private static final IndexJobOptions OPTIONS =
      IndexJobOptions.defaults().withBatchSize(10).withCommitEvery(20).withTotal(95);

  private final MemoryFiles disk = new MemoryFiles();

  /** Encodes by {@link Model#vector}, fails on some, and counts. */
  private static final class Counting implements Encoder {
    private final String name;
    private int passages;
    private int dieAfter = Integer.MAX_VALUE;

    Counting(String name) {
      this.name = name;
    }

    @Override
    public EmbeddingSpace space() {
      return EmbeddingSpace.named(name, Model.DIMENSION);
    }

    @Override
    public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
      throw new UnsupportedOperationException("no queries here");
    }

    @Override
    public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
      if (!passages.get(0).id().startsWith("canary-")) {
        this.passages += passages.size();
      }
      if (this.passages > dieAfter) {
        throw new IllegalStateException("killed");
      }
      Map<Integer, String> failures = new TreeMap<>();
      float[] values = new float[passages.size() * Model.DIMENSION];
      for (int i = 0; i < passages.size(); i++) {
        if (passages.get(i).text().endsWith("7")) {
          failures.put(i, "NaN");
        }
        System.arraycopy(
            Model.vector(passages.get(i)), 0, values, i * Model.DIMENSION, Model.DIMENSION);
      }
      BitSet truncated = new BitSet();
      truncated.set(0);
      return Embeddings.of(Model.DIMENSION, values, truncated, failures);
    }
  }

  private static List<Passage> passages() {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < 95; i++) {
      passages.add(Passage.of("p" + i, "text " + i));
    }
    return passages;
  }

  private PassageIndex create(Encoder encoder) throws IOException {
    return PassageIndex.create(disk, PLACE, encoder.space(), IndexOptions.exact());
  }

  @Test
  void aKilledJobGoesOnWithoutEncodingAgainWhatWasCommitted() throws IOException {
    Counting first = new Counting("one");
    first.dieAfter = 60;
    try (PassageIndex index = create(first)) {
      assertThrows(
          IllegalStateException.class,
          () -> IndexJob.run(index, first, passages(), OPTIONS, progress -> {}));
    }
    long committed;
    Counting second = new Counting("one");
    List<IndexJob.Progress> told = new ArrayList<>();
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      committed = index.size();
      assertTrue(committed >= 27 && committed <= 60, committed + " committed");
      IndexJob.Report report = IndexJob.run(index, second, passages(), OPTIONS, told::add);
      assertEquals(86, index.size());
      assertEquals(committed, report.progress().skipped());
      assertEquals(86 - committed, report.progress().added());
      assertEquals(9, report.progress().failed());
      assertEquals("NaN", report.failures().get("p17"));
      assertEquals(index.stats().generation(), report.generation());
      assertEquals(95 - committed, second.passages);
      assertTrue(report.progress().truncated() > 0);
      assertEquals(java.time.Duration.ZERO, report.progress().left().orElseThrow());
    }
    assertTrue(told.size() > 3 && told.get(0).left().isPresent());
  }

  @Test
  void afterTheEncoderFailedTheJobGoesOnWithTheSameHandle() throws IOException {
    Counting encoder = new Counting("one");
    encoder.dieAfter = 50; // 10 passages behind a commit: 9 of them are added
    try (PassageIndex index = create(encoder)) {
      assertThrows(
          IllegalStateException.class,
          () -> IndexJob.run(index, encoder, passages(), OPTIONS, progress -> {}));
      assertEquals(45, index.size());
      assertEquals(0, index.pendingChanges());
      encoder.dieAfter = Integer.MAX_VALUE;
      IndexJob.Report report = IndexJob.run(index, encoder, passages(), OPTIONS, progress -> {});
      assertEquals(45, report.progress().skipped());
      assertEquals(41, report.progress().added());
      assertEquals(86, index.size());
    }
  }

  @Test
  void afterACommitFailedTheJobGoesOnWithTheSameHandle() throws IOException {
    Counting encoder = new Counting("one");
    try (PassageIndex index = create(encoder)) {
      disk.failAt(disk.operations());
      assertThrows(
          IOException.class,
          () -> IndexJob.run(index, encoder, passages(), OPTIONS, progress -> {}));
      assertEquals(27, index.pendingChanges());
      IndexJob.Report report = IndexJob.run(index, encoder, passages(), OPTIONS, progress -> {});
      assertEquals(27, report.progress().skipped());
      assertEquals(86, index.size());
    }
  }

  @Test
  void ofTwoFailuresTheFirstIsThrown() throws IOException {
    Counting encoder = new Counting("one");
    encoder.dieAfter = 10;
    try (PassageIndex index = create(encoder)) {
      disk.failAt(disk.operations());
      IllegalStateException killed =
          assertThrows(
              IllegalStateException.class,
              () -> IndexJob.run(index, encoder, passages(), OPTIONS, progress -> {}));
      assertEquals("killed", killed.getMessage());
      assertTrue(killed.getSuppressed()[0].getMessage().startsWith("injected: "));
    }
  }

  @Test
  void anIndexIsReEncodedFromItsStoredPassages() throws IOException {
    Counting old = new Counting("one");
    try (PassageIndex index = create(old);
        PassageIndex next =
            PassageIndex.create(
                disk, Path.of("next"), EmbeddingSpace.named("two", 4), IndexOptions.exact())) {
      IndexJob.run(index, old, passages(), OPTIONS, progress -> {});
      index.remove(List.of("p3"));
      index.commit();
      Counting other = new Counting("two");
      assertThrows(
          SpaceMismatchException.class,
          () -> IndexJob.run(index, other, passages(), OPTIONS, progress -> {}));
      IndexJob.run(next, other, index.passages(), OPTIONS, progress -> {});
      assertEquals(85, next.size());
      assertEquals(index.get("p90"), next.get("p90"));
    }
  }
}
