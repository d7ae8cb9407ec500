package io.chasqui.lucene;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Filter;
import io.chasqui.IndexCorruptException;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneRetrieverTest {
  private static final LuceneOptions OPTIONS = LuceneOptions.defaults();

  @TempDir Path folder;

  private LuceneRetriever of(Passage... passages) throws IOException {
    LuceneRetriever retriever = LuceneRetriever.openOrCreate(folder, OPTIONS);
    retriever.add(List.of(passages));
    retriever.commit();
    return retriever;
  }

  private static List<String> ids(List<ScoredPassage> hits) {
    return hits.stream().map(ScoredPassage::id).toList();
  }

  @Test
  void scoresAreBm25AsComputedByHand() throws IOException {
    // Three passages of 2, 2 and 4 terms: average length 8/3. "hum" is in two of three passages.
    try (LuceneRetriever retriever =
        of(
            Passage.of("a", "llamas hum"),
            Passage.of("b", "alpacas spit"),
            Passage.of("c", "llamas hum hum loudly"))) {
      List<ScoredPassage> hits = retriever.retrieve("humming", 10);
      double idf = Math.log(1 + (3 - 2 + 0.5) / (2 + 0.5));
      double average = 8 / 3.0;
      double a = idf * 1 / (1 + 0.9 * (1 - 0.4 + 0.4 * 2 / average));
      double c = idf * 2 / (2 + 0.9 * (1 - 0.4 + 0.4 * 4 / average));
      assertEquals(List.of("c", "a"), ids(hits));
      assertEquals(c, hits.get(0).score(), 1e-6);
      assertEquals(a, hits.get(1).score(), 1e-6);
      // Twice in the query counts twice.
      assertEquals(2 * c, retriever.retrieve("hum hums", 1).get(0).score(), 1e-6);
    }
  }

  @Test
  void k1AndBMayChangeAtEachOpening() throws IOException {
    of(Passage.of("a", "hum"), Passage.of("b", "hum and spit and run about")).close();
    LuceneOptions flat = OPTIONS.withK1(0).withB(0);
    try (LuceneRetriever retriever = LuceneRetriever.open(folder, flat)) {
      List<ScoredPassage> hits = retriever.retrieve("hum", 2);
      assertEquals(hits.get(0).score(), hits.get(1).score());
      assertEquals(List.of("a", "b"), ids(hits));
    }
  }

  @Test
  void titleIsSearchedAndPassagesComeBackWhole() throws IOException {
    Passage passage =
        new Passage(
            "p#1",
            "p",
            "Alpacas",
            "They hum.",
            Metadata.of(
                Map.of("n", 3, "x", 0.5, "tags", List.of("a", "b"), "on", true, "s", "\u00e9")));
    try (LuceneRetriever retriever = of(passage, Passage.of("q", "nothing"))) {
      assertEquals(passage, retriever.retrieve("alpaca", 1).get(0).passage());
    }
  }

  @Test
  void tiesAreOrderedByIdAlsoWhereTheListIsCut() throws IOException {
    List<String> ids = new ArrayList<>(List.of("\ue000", "\ud83e\udd99", "z", "Z", "10", "9"));
    IntStream.range(100, 300).forEach(i -> ids.add("n" + i));
    List<Passage> passages = ids.stream().map(id -> Passage.of(id, "same words")).toList();
    try (LuceneRetriever retriever = LuceneRetriever.create(folder, OPTIONS)) {
      for (int from = 0; from < passages.size(); from += 7) { // several segments
        retriever.add(passages.subList(from, Math.min(from + 7, passages.size())));
        retriever.commit();
      }
      List<String> expected = ids.stream().sorted().toList();
      for (int k : new int[] {1, 3, 205, 206, 1_000}) {
        assertEquals(
            expected.stream().limit(k).toList(), ids(retriever.retrieve("words", k)), "k=" + k);
      }
    }
  }

  @Test
  void filtersAreAppliedWhileSearching() throws IOException {
    List<Passage> passages =
        IntStream.range(0, 500)
            .mapToObj(
                i ->
                    Passage.of("p" + i, "llama ".repeat(500 - i))
                        .withMetadata(Metadata.of("year", i)))
            .toList();
    try (LuceneRetriever retriever = LuceneRetriever.create(folder, OPTIONS)) {
      retriever.add(passages);
      retriever.commit();
      SearchRequest request = SearchRequest.of("llama", 3);
      Filter late = Filter.gte("year", 497.0); // the worst of all
      assertEquals(
          List.of("p497", "p498", "p499"),
          ids(retriever.retrieve(request.withFilter(late))).stream().sorted().toList());
      assertEquals(List.of(), retriever.retrieve(request.withFilter(Filter.eq("year", "3"))));
      assertEquals(3, retriever.retrieve(request.withFilter(Filter.ne("other", 1))).size());
    }
  }

  @Test
  void onlyWhatIsCommittedIsSeenAndItOutlivesTheHandle() throws IOException {
    LuceneRetriever retriever = of(Passage.of("a", "hum"), Passage.of("b", "hum"));
    retriever.add(List.of(Passage.of("c", "hum"), Passage.of("a", "spit")));
    retriever.remove(List.of("b", "never there"));
    assertEquals(List.of("a", "b"), ids(retriever.retrieve("hum", 9)));
    retriever.commit();
    assertEquals(List.of("c"), ids(retriever.retrieve("hum", 9)));
    assertEquals(2, retriever.size());
    retriever.add(List.of(Passage.of("d", "hum")));
    retriever.close();
    retriever.close();
    assertThrows(IllegalStateException.class, () -> retriever.retrieve("hum", 1));
    assertThrows(IllegalStateException.class, () -> retriever.add(List.of()));
    try (LuceneRetriever again = LuceneRetriever.open(folder, OPTIONS)) {
      assertEquals(List.of("c"), ids(again.retrieve("hum", 9)));
    }
  }

  @Test
  void documentsAreRemovedWithAllTheirPassages() throws IOException {
    try (LuceneRetriever retriever =
        of(
            Passage.of("d1#1", "hum").withDocumentId("d1"),
            Passage.of("d1#2", "hum").withDocumentId("d1"),
            Passage.of("d2#1", "hum").withDocumentId("d2"))) {
      retriever.removeDocuments(List.of("d1"));
      retriever.commit();
      assertEquals(List.of("d2#1"), ids(retriever.retrieve("hum", 9)));
    }
  }

  @Test
  void oneHandleWritesAndOthersSeeItAfterRefresh() throws IOException {
    try (LuceneRetriever writer = of(Passage.of("a", "hum"));
        LuceneRetriever reader = LuceneRetriever.open(folder, OPTIONS)) {
      assertThrows(
          LockObtainFailedException.class, () -> reader.add(List.of(Passage.of("x", "y"))));
      writer.add(List.of(Passage.of("b", "hum")));
      writer.commit();
      assertEquals(1, reader.size());
      reader.refresh();
      assertEquals(2, reader.size());
    }
  }

  @Test
  void anIndexRefusesAnotherAnalysisAndStrangersFiles() throws IOException {
    assertThrows(NoSuchFileException.class, () -> LuceneRetriever.open(folder, OPTIONS));
    of(Passage.of("a", "hum")).close();
    assertThrows(FileAlreadyExistsException.class, () -> LuceneRetriever.create(folder, OPTIONS));
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> LuceneRetriever.open(folder, OPTIONS.withAnalysis(Analysis.standard())));
    assertTrue(error.getMessage().endsWith("\"english-porter\", not \"standard\""));

    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    try (FSDirectory directory = FSDirectory.open(foreign);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      writer.commit();
    }
    assertThrows(IndexCorruptException.class, () -> LuceneRetriever.open(foreign, OPTIONS));
  }

  @Test
  void aDamagedFileIsATypedError() throws IOException {
    of(Passage.of("a", "hum")).close();
    try (Stream<Path> files = Files.list(folder)) {
      Path segments =
          files.filter(f -> f.getFileName().toString().startsWith("segments_")).findAny().get();
      byte[] bytes = Files.readAllBytes(segments);
      bytes[bytes.length / 2] ^= 1;
      Files.write(segments, bytes);
    }
    assertThrows(IndexCorruptException.class, () -> LuceneRetriever.open(folder, OPTIONS));
  }

  @Test
  void analysesDiffer() throws IOException {
    LuceneOptions own = OPTIONS.withAnalysis(Analysis.of("blanks", new WhitespaceAnalyzer()));
    try (LuceneRetriever retriever = LuceneRetriever.create(folder, own)) {
      retriever.add(List.of(Passage.of("a", "The llama's humming")));
      retriever.commit();
      assertEquals(1, retriever.retrieve("The", 1).size());
      assertEquals(0, retriever.retrieve("the", 1).size());
      assertEquals(0, retriever.retrieve("hum", 1).size());
    }
  }

  @Test
  void namesOfCodeAreTakenApart() throws IOException {
    Passage pad = Passage.of("pad", "StringUtils.leftPad", "Adds MAX_LENGTH blanks' worth, utf8.");
    Passage other = Passage.of("other", "Llamas.hum", "Hums the day away.");
    try (LuceneRetriever retriever =
        LuceneRetriever.create(folder, OPTIONS.withAnalysis(Analysis.code()))) {
      retriever.add(List.of(pad, other));
      retriever.commit();
      for (String found :
          List.of("left", "padding", "strings", "leftPad", "max", "length", "blank", "8", "UTF")) {
        assertEquals(List.of("pad"), ids(retriever.retrieve(found, 5)), found);
      }
      assertEquals(List.of("other"), ids(retriever.retrieve("the humming", 5)));
      assertEquals(List.of(), retriever.retrieve("the", 5));
    }
    try (LuceneRetriever retriever = LuceneRetriever.create(folder.resolve("english"), OPTIONS)) {
      retriever.add(List.of(pad, other));
      retriever.commit();
      assertEquals(List.of(), retriever.retrieve("left", 5));
    }
  }

  @Test
  void aTextOfThousandsOfTermsIsSearchedByItsRarest() throws IOException {
    List<Passage> passages = new ArrayList<>();
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      passages.add(Passage.of("p" + i, "word" + i + (i < 2_000 ? " word" + (i + 1) : "")));
      query.append("word").append(i).append(' ');
    }
    try (LuceneRetriever retriever = LuceneRetriever.create(folder, OPTIONS)) {
      retriever.add(passages);
      retriever.commit();
      List<ScoredPassage> hits = retriever.retrieve(query.toString(), 5_000);
      assertTrue(hits.size() >= 1_000 && hits.size() < 3_000, "hits: " + hits.size());
      SearchRequest filtered =
          SearchRequest.of(query.toString(), 10).withFilter(Filter.not(Filter.exists("x")));
      assertEquals(10, retriever.retrieve(filtered).size());
    }
  }

  @Test
  void aSearchStopsMidwayWhenTheDeadlinePasses() throws IOException {
    try (LuceneRetriever retriever = LuceneRetriever.create(folder, OPTIONS)) {
      retriever.add(IntStream.range(0, 5_000).mapToObj(i -> Passage.of("p" + i, "hum")).toList());
      retriever.commit();
      SearchRequest request = SearchRequest.of("hum", 10);
      AtomicInteger polls = new AtomicInteger();
      assertThrows(
          DeadlineExceededException.class,
          () -> retriever.retrieve(request, () -> polls.incrementAndGet() > 2));
      assertEquals(10, retriever.retrieve(request).size());
      assertThrows(
          DeadlineExceededException.class,
          () -> retriever.retrieve(request.withDeadline(Deadline.after(Duration.ZERO))));
      Thread.currentThread().interrupt();
      assertThrows(DeadlineExceededException.class, () -> retriever.retrieve(request));
      assertTrue(Thread.interrupted());
      assertEquals(10, retriever.retrieve(request).size(), "the index survives an interrupt");
    }
  }

  @Test
  void halfASurrogatePairInATextIsReplaced() throws IOException {
    try (LuceneRetriever retriever = of(Passage.of("a", "hum \ud83e spit"))) {
      assertEquals("hum \ufffd spit", retriever.retrieve("hum", 1).get(0).passage().text());
    }
  }

  @Test
  void duplicatesInOneListAddNothing() throws IOException {
    try (LuceneRetriever retriever = of()) {
      assertThrows(
          IllegalArgumentException.class,
          () -> retriever.add(List.of(Passage.of("a", "hum"), Passage.of("a", "spit"))));
      assertThrows(
          IllegalArgumentException.class,
          () -> retriever.add(List.of(Passage.of("b", "hum"), Passage.of("\ud83e", "hum"))));
      retriever.commit();
      assertEquals(0, retriever.size());
      assertFalse(retriever.retrieve("hum", 1).iterator().hasNext());
    }
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.withK1(-1));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.withK1(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.withB(1.1f));
  }
}
