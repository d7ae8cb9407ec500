package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Chunker;
import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.SpaceMismatchException;
import io.chasqui.examples.JsonlIndexer.BadLines;
import io.chasqui.examples.JsonlIndexer.Options;
import io.chasqui.examples.JsonlIndexer.Report;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonlIndexerTest {
  private static final Options EVERY_BATCH_COMMITTED =
      Options.defaults().withBatchPassages(4).withCommitEvery(Duration.ZERO);

  @TempDir private Path folder;
  private Path corpus;
  private final RecordingEncoder encoder = new RecordingEncoder();

  @BeforeEach
  void writeCorpus() throws IOException {
    corpus = write(lines(0, 30));
  }

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("corpus.jsonl"), content);
  }

  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{\"_id\":\"d" + i + "\",\"title\":\"T\",\"text\":\"text " + i + "\"}\n")
        .collect(Collectors.joining());
  }

  private PassageIndex open() throws IOException {
    return PassageIndex.openOrCreate(
        folder.resolve("index"), RecordingEncoder.SPACE, IndexOptions.exact());
  }

  private Report run(Options options) throws IOException {
    try (PassageIndex index = open()) {
      return new JsonlIndexer(encoder, index, Chunker.whole(), options)
          .run(corpus, (bytes, soFar) -> {}, () -> false);
    }
  }

  private List<String> indexed() throws IOException {
    try (PassageIndex index = open()) {
      return IntStream.range(0, 40)
          .mapToObj(i -> "d" + i)
          .filter(index::contains)
          .collect(Collectors.toList());
    }
  }

  @Test
  void everyDocumentIsIndexedOnce() throws IOException {
    Report report = run(Options.defaults().withBatchPassages(4));
    assertEquals(30, report.lines());
    assertEquals(30, report.documents());
    assertEquals(0, report.problems());
    assertFalse(report.stopped());
    assertEquals(30, indexed().size());
    assertEquals(30, encoder.encoded.size());
  }

  @Test
  void theNextRunGoesOnWhereAKilledOneHadCommitted() throws IOException {
    encoder.dieAt = "d13"; // in the fourth batch; three are committed
    assertThrows(Killed.class, () -> run(EVERY_BATCH_COMMITTED));
    assertEquals(12, indexed().size());

    encoder.dieAt = "";
    encoder.encoded.clear();
    Report report = run(EVERY_BATCH_COMMITTED);

    assertEquals(12, report.alreadyThere());
    assertEquals(18, report.documents());
    assertEquals(30, indexed().size());
    assertEquals("d12", encoder.encoded.get(0));
    assertEquals(18, encoder.encoded.size());
  }

  @Test
  void whatWasNotCommittedIsEncodedAgain() throws IOException {
    encoder.dieAt = "d13";
    assertThrows(Killed.class, () -> run(Options.defaults().withBatchPassages(4)));
    assertEquals(List.of(), indexed());
    encoder.dieAt = "";
    assertEquals(30, run(Options.defaults()).documents());
  }

  @Test
  void askedToStopItCommitsWhatItHasInHand() throws IOException {
    int[] asked = {0};
    try (PassageIndex index = open()) {
      Report report =
          new JsonlIndexer(encoder, index, Chunker.whole(), Options.defaults().withBatchPassages(4))
              .run(corpus, (bytes, soFar) -> {}, () -> ++asked[0] > 7);
      assertTrue(report.stopped());
      assertEquals(7, report.documents());
      assertEquals(7, index.size());
    }
  }

  @Test
  void askedToStopWhileTheEncoderIsTakenAwayItCommitsWhatItHasEncoded() throws IOException {
    encoder.failAt = "d13"; // in the fourth batch
    try (PassageIndex index = open()) {
      Report report =
          new JsonlIndexer(encoder, index, Chunker.whole(), Options.defaults().withBatchPassages(4))
              .run(corpus, (bytes, soFar) -> {}, () -> encoder.failed);
      assertTrue(report.stopped());
      assertEquals(12, report.documents());
      assertEquals(12, index.size());
    }
    encoder.failAt = "";
    assertEquals(18, run(Options.defaults()).documents());
  }

  @Test
  void anEncoderThatFailsEndsTheJobButWhatCameBeforeIsKept() throws IOException {
    encoder.failAt = "d13";
    try (PassageIndex index = open()) {
      JsonlIndexer job =
          new JsonlIndexer(
              encoder, index, Chunker.whole(), Options.defaults().withBatchPassages(4));
      assertThrows(
          IllegalStateException.class, () -> job.run(corpus, (bytes, soFar) -> {}, () -> false));
      assertEquals(12, index.size());
      encoder.failAt = "";
      assertEquals(18, job.run(corpus, (bytes, soFar) -> {}, () -> false).documents());
    }
  }

  @Test
  void aCorpusThatGrewIsCompleted() throws IOException {
    run(Options.defaults());
    corpus = write(lines(0, 33));
    Report report = run(Options.defaults());
    assertEquals(30, report.alreadyThere());
    assertEquals(3, report.documents());
  }

  @Test
  void aBadLineStopsTheJobButKeepsWhatCameBefore() throws IOException {
    corpus = write(lines(0, 6) + "{\"_id\":\"x\"}\n" + lines(6, 9));
    JsonlFormatException e =
        assertThrows(JsonlFormatException.class, () -> run(Options.defaults()));
    assertEquals(7, e.line());
    assertEquals(6, indexed().size());
  }

  @Test
  void badLinesCanBeSkippedAndAreReported() throws IOException {
    corpus = write(lines(0, 6) + "{\"_id\":\"x\"}\nnot JSON\n" + lines(6, 9));
    Report report = run(Options.defaults().withBadLines(BadLines.SKIP));
    assertEquals(9, report.documents());
    assertEquals(2, report.problems());
    assertTrue(report.messages().get(0).contains("corpus.jsonl line 7: \"text\" must be"));
    assertTrue(report.messages().get(1).contains("corpus.jsonl line 8: is not JSON"));
  }

  @Test
  void anIdThatComesTwiceIsABadLineWhereverItsTwinIs() throws IOException {
    for (Options options : List.of(Options.defaults(), EVERY_BATCH_COMMITTED)) {
      corpus = write(lines(0, 9) + lines(2, 3));
      JsonlFormatException e = assertThrows(JsonlFormatException.class, () -> run(options));
      assertEquals(10, e.line());
      assertTrue(e.getMessage().endsWith("\"_id\" \"d2\" was there before"), e.getMessage());
      folder = Files.createDirectory(folder.resolve("next"));
    }
  }

  @Test
  void documentsThatCannotBeEncodedAreReportedAndTriedAgainByTheNextRun() throws IOException {
    encoder.failing = "d5";
    Report report = run(Options.defaults());
    assertEquals(29, report.documents());
    assertEquals(List.of("document \"d5\": not a number"), report.messages());
    try (PassageIndex index = open()) {
      assertFalse(index.contains("d5"));
      float[] query = RecordingEncoder.vector("d6");
      assertEquals("d6", index.search(query, 1).get(0).id()); // rows did not slip
    }
    encoder.failing = "";
    assertEquals(1, run(Options.defaults()).documents());
    assertEquals(30, indexed().size());
  }

  @Test
  void documentsWithNothingToReadAreCounted() throws IOException {
    corpus = write("{\"_id\":\"a\",\"text\":\" \"}\n{\"_id\":\"b\",\"title\":\"T\",\"text\":\"\"}");
    Report report = run(Options.defaults());
    assertEquals(1, report.empty());
    assertEquals(1, report.documents());
  }

  @Test
  void cutPassagesAreCounted() throws IOException {
    encoder.cut = "d3";
    assertEquals(1, run(Options.defaults()).truncated());
  }

  @Test
  void passagesOfADocumentStayTogetherOverAKill() throws IOException {
    Chunker halves =
        document ->
            List.of(
                Passage.of(document.id() + "#0", "a").withDocumentId(document.id()),
                Passage.of(document.id() + "#1", "b").withDocumentId(document.id()));
    encoder.dieAt = "d5#1";
    try (PassageIndex index = open()) {
      JsonlIndexer job = new JsonlIndexer(encoder, index, halves, EVERY_BATCH_COMMITTED);
      assertThrows(Killed.class, () -> job.run(corpus, (bytes, soFar) -> {}, () -> false));
    }
    encoder.dieAt = "";
    try (PassageIndex index = open()) {
      assertEquals(8, index.size());
      JsonlIndexer job = new JsonlIndexer(encoder, index, halves, EVERY_BATCH_COMMITTED);
      Report report = job.run(corpus, (bytes, soFar) -> {}, () -> false);
      assertEquals(4, report.alreadyThere());
      assertEquals(52, report.passages());
      assertEquals(60, index.size());
    }
  }

  @Test
  void anotherModelsIndexIsRefused() throws IOException {
    try (PassageIndex index =
        PassageIndex.create(folder.resolve("other"), EmbeddingSpace.named("other", 2))) {
      assertThrows(
          SpaceMismatchException.class,
          () -> new JsonlIndexer(encoder, index, Chunker.whole(), Options.defaults()));
    }
  }

  @Test
  void progressReachesTheEndOfTheFile() throws IOException {
    Map<Long, Long> seen = new TreeMap<>();
    try (PassageIndex index = open()) {
      new JsonlIndexer(encoder, index, Chunker.whole(), Options.defaults().withBatchPassages(4))
          .run(corpus, (bytes, soFar) -> seen.put(bytes, soFar.passages()), () -> false);
    }
    assertEquals(Map.of(Files.size(corpus), 30L), seen); // a small file is read at one go
  }

  /** Stands for the death of the process. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Tells ids apart by direction, and remembers what it was asked. */
  private static final class RecordingEncoder implements Encoder {
    static final EmbeddingSpace SPACE = EmbeddingSpace.named("recording", 2);

    private final List<String> encoded = new ArrayList<>();
    private String dieAt = "";
    private String failAt = "";
    private boolean failed;
    private String failing = "";
    private String cut = "";

    static float[] vector(String id) {
      double angle = id.hashCode() % 6283 / 1000.0;
      return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
    }

    @Override
    public EmbeddingSpace space() {
      return SPACE;
    }

    @Override
    public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
      throw new AssertionError("nobody asks queries here");
    }

    @Override
    public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
      float[] values = new float[2 * passages.size()];
      BitSet truncated = new BitSet();
      Map<Integer, String> failures = new TreeMap<>();
      for (int i = 0; i < passages.size(); i++) {
        String id = passages.get(i).id();
        if (id.equals(dieAt)) {
          throw new Killed();
        }
        if (id.equals(failAt)) {
          failed = true;
          throw new IllegalStateException("the encoder is gone");
        }
        System.arraycopy(vector(id), 0, values, 2 * i, 2);
        truncated.set(i, id.equals(cut));
        if (id.equals(failing)) {
          failures.put(i, "not a number");
        }
        if (!id.startsWith("canary-")) { // the index's own
          encoded.add(id);
        }
      }
      return Embeddings.of(2, values, truncated, failures);
    }
  }
}
