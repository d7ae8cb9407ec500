package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Document;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectionFilesTest {
  private static final List<Document> DOCUMENTS =
      List.of(
          Document.of("d1", "Llamas", "They hum.\n\"Often\"."),
          Document.of("d 2", "", "caf\u00e9 \ud83e\udd99")
              .withMetadata(
                  Metadata.of(
                      Map.of("year", 1532, "tags", List.of("a", "b"), "kept", true, "x", 0.5))));
  private static final List<Query> QUERIES =
      List.of(Query.of("q1", "who hums"), Query.of("q2", "who spits"));
  private static final Qrels QRELS =
      Qrels.builder().add("q1", "d1", 2).add("q1", "d 2", -1).add("q2", "d1", 0).build();

  @TempDir Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    Files.createDirectory(folder.resolve("qrels"));
  }

  private BeirFolder write(String ending) throws IOException {
    BeirFolder.writeCorpus(folder.resolve("corpus.jsonl" + ending), DOCUMENTS.iterator());
    BeirFolder.writeQueries(folder.resolve("queries.jsonl" + ending), QUERIES.iterator());
    BeirFolder.writeQrels(folder.resolve("qrels/test.tsv" + ending), QRELS);
    return BeirFolder.open(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void beirReadsBackAsWritten(String ending) throws IOException {
    BeirFolder beir = write(ending);
    try (Stream<Document> corpus = beir.corpus()) {
      assertEquals(DOCUMENTS, corpus.toList());
    }
    assertEquals(QUERIES, List.copyOf(beir.queries().values()));
    assertEquals(QRELS, beir.qrels("test"));
    assertEquals(List.of("test"), beir.splits());
    assertEquals(Map.of("q1", "who hums", "q2", "who spits"), beir.queryTexts("test"));
    beir.check("test");
  }

  @Test
  void judgementsInTrecsColumnsAreCheckedToo() throws IOException {
    Path file = folder.resolve("checked.txt");
    Files.writeString(file, "q 0 d 1\n\nq 0 e 1\np 0 d 1\n");
    TrecFiles.checkQrels(file, Set.of("q", "p")::contains, Set.of("d", "e")::contains);
    var document =
        assertThrows(
            DataFormatException.class,
            () -> TrecFiles.checkQrels(file, query -> true, Set.of("d")::contains));
    assertEquals(file + ":3: no such document: e", document.getMessage());
    var query =
        assertThrows(
            DataFormatException.class,
            () -> TrecFiles.checkQrels(file, Set.of("q")::contains, id -> true));
    assertEquals(file + ":4: no such query: p", query.getMessage());
  }

  @Test
  void aRunIsMadeInBatchesOf64AndFollowed() {
    Map<String, String> queries = new LinkedHashMap<>();
    for (int i = 0; i < 130; i++) {
      queries.put("q" + i, "text " + i);
    }
    List<Long> told = new ArrayList<>();
    Run run =
        Run.of(
            "fake",
            request -> List.of(ScoredPassage.of(Passage.of(request.text(), ""), request.k())),
            queries,
            7,
            told::add);
    assertEquals(List.of(64L, 128L, 130L), told);
    assertEquals(List.of("text 129"), run.ranking("q129").ids());
    assertEquals(7, run.ranking("q129").score(0));
  }

  @Test
  void judgementsOfWhatDoesNotExistAreNamedByLine() throws IOException {
    BeirFolder beir = write("");
    Path qrels = folder.resolve("qrels/test.tsv");
    Files.writeString(qrels, "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td9\t1\n");
    assertEquals(
        qrels + ":3: no such document: d9",
        assertThrows(DataFormatException.class, () -> beir.check("test")).getMessage());
    Files.writeString(qrels, "q7\td1\t1\n");
    assertEquals(
        qrels + ":1: no such query: q7",
        assertThrows(DataFormatException.class, () -> beir.check("test")).getMessage());
    Files.writeString(qrels, "query-id\tcorpus-id\tscore\nq1 d1 1\n");
    assertEquals(
        qrels + ":2: judgements have three columns between tabs, this line has 1",
        assertThrows(DataFormatException.class, () -> beir.qrels("test")).getMessage());
    assertThrows(NoSuchFileException.class, () -> beir.qrels("train"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_id\": \"a\", \"text\": \"x\"}|document a is there twice",
        "{\"text\": \"x\"}|has none of the fields [_id, docid, pid, query_id, qid, id]",
        "{\"_id\": \"b\"}|has none of the fields [text, passage, body, contents, query]",
        "{\"_id\": \"\", \"text\": \"x\"}|field \"_id\" must not be empty",
        "{\"_id\": \"b\", \"text\": 5}|field \"text\" must be a string",
        "{\"_id\": \"b\", \"text\": \"x\", \"title\": null}|field \"title\" must be a string",
        "{\"_id\": \"b\", \"text\": \"x\", \"metadata\": 3}|field \"metadata\" must be an object",
        "[1]|not a JSON object: ARRAY",
      })
  void corpusLinesThatAreNone(String lineAndReason) throws IOException {
    String line = lineAndReason.substring(0, lineAndReason.lastIndexOf('|'));
    String reason = lineAndReason.substring(lineAndReason.lastIndexOf('|') + 1);
    BeirFolder beir = write("");
    Path corpus = folder.resolve("corpus.jsonl");
    Files.writeString(corpus, "{\"_id\": \"a\", \"text\": \"x\"}\n\n" + line + "\n");
    try (Stream<Document> all = beir.corpus()) {
      DataFormatException error = assertThrows(DataFormatException.class, all::toList);
      assertEquals(corpus + ":3: " + reason, error.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void runsReadBackAsWritten(String ending) throws IOException {
    Run run =
        Run.builder("mine")
            .add("q2", "d1", 0.1f)
            .add("q1", "a", 1e-30)
            .add("q1", "b", Math.nextUp(1e-30))
            .add("q1", "c", 1e-30)
            .build();
    Path trec = folder.resolve("run.txt" + ending);
    TrecFiles.writeRun(trec, run);
    Run back = TrecFiles.readRun(trec);
    assertEquals("mine", back.name());
    assertEquals(List.of("b", "c", "a"), back.ranking("q1").ids());
    assertEquals((double) 0.1f, back.ranking("q2").score(0));
    try (Stream<TrecFiles.RunLine> lines = TrecFiles.streamRun(trec)) {
      assertEquals(4, lines.count());
    }

    Path marco = folder.resolve("run.tsv" + ending);
    MsMarcoFiles.writeRun(marco, run);
    Run ranks = MsMarcoFiles.readRun(marco);
    assertEquals(List.of("b", "c", "a"), ranks.ranking("q1").ids());
    assertEquals(-2.0, ranks.ranking("q1").score(1));
  }

  @Test
  void qrelsReadBackAsWritten() throws IOException {
    Qrels qrels = Qrels.builder().add("q1", "d1", 2).add("q1", "d2", -1).build();
    TrecFiles.writeQrels(folder.resolve("qrels.txt"), qrels);
    assertEquals(qrels, TrecFiles.readQrels(folder.resolve("qrels.txt")));
    try (Stream<TrecFiles.QrelsLine> lines = TrecFiles.streamQrels(folder.resolve("qrels.txt"))) {
      assertEquals(new TrecFiles.QrelsLine("q1", "d2", -1), lines.skip(1).findFirst().get());
    }
    MsMarcoFiles.writeQrels(folder.resolve("qrels.tsv"), qrels);
    assertEquals(qrels, MsMarcoFiles.readQrels(folder.resolve("qrels.tsv")));
  }

  @Test
  void idsThatWouldNotReadBackAreRefused() {
    Run run = Run.builder("mine").add("q1", "two words", 1).build();
    assertThrows(
        IllegalArgumentException.class, () -> TrecFiles.writeRun(folder.resolve("r"), run));
    Run tab = Run.builder("mine").add("q1", "a\tb", 1).build();
    assertThrows(
        IllegalArgumentException.class, () -> MsMarcoFiles.writeRun(folder.resolve("r"), tab));
  }

  @Test
  void msMarcoCollectionsComeInThreeShapes() throws IOException {
    Path tsv = Files.writeString(folder.resolve("collection.tsv"), "0\tfirst\r\n1\tsecond\n");
    try (Stream<Document> all = MsMarcoFiles.streamCollection(tsv)) {
      assertEquals(
          List.of(Document.of("0", "", "first"), Document.of("1", "", "second")), all.toList());
    }
    Path docs = Files.writeString(folder.resolve("docs.tsv"), "D1\thttp://x\tTitle\tBody\n");
    try (Stream<Document> all = MsMarcoFiles.streamCollection(docs)) {
      assertEquals(List.of(Document.of("D1", "Title", "Body")), all.toList());
    }
    Path json =
        Files.writeString(
            folder.resolve("v2.jsonl"),
            "{\"pid\": \"p1\", \"passage\": \"text\", \"docid\": \"d1\"}\n{\"docid\": 7,"
                + " \"title\": \"T\", \"body\": \"B\", \"url\": \"u\"}\n");
    try (Stream<Document> all = MsMarcoFiles.streamCollection(json)) {
      assertEquals(
          List.of(Document.of("p1", "", "text"), Document.of("7", "T", "B")), all.toList());
    }
    Path queries = Files.writeString(folder.resolve("queries.tsv"), "12\twhat is it\n");
    assertEquals(Map.of("12", Query.of("12", "what is it")), MsMarcoFiles.readQueries(queries));
  }

  @ParameterizedTest
  @ValueSource(strings = {".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz"})
  void msMarcoCollectionsReadBackAsWritten(String ending) throws IOException {
    List<Document> documents =
        List.of(Document.of("d1", "Llamas", "They hum."), Document.of("d 2", "", "caf\u00e9"));
    Path collection = folder.resolve("collection" + ending);
    MsMarcoFiles.writeCollection(collection, documents.iterator());
    try (Stream<Document> all = MsMarcoFiles.streamCollection(collection)) {
      assertEquals(documents, all.toList());
    }
    Path queries = folder.resolve("queries" + ending);
    MsMarcoFiles.writeQueries(queries, QUERIES.iterator());
    assertEquals(QUERIES, List.copyOf(MsMarcoFiles.readQueries(queries).values()));
  }

  @Test
  void textsThatColumnsCanNotHoldAreRefusedAndJsonHoldsThem() throws IOException {
    Path tsv = folder.resolve("collection.tsv");
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> MsMarcoFiles.writeCollection(tsv, DOCUMENTS.iterator()));
    assertEquals(
        "the text of document d1 holds tabs or line ends, which columns can't", error.getMessage());
    var query =
        assertThrows(
            IllegalArgumentException.class,
            () -> MsMarcoFiles.writeQueries(tsv, List.of(Query.of("q", "a\tb")).iterator()));
    assertEquals(
        "the text of query q holds tabs or line ends, which columns can't", query.getMessage());
    Path json = folder.resolve("collection.jsonl");
    MsMarcoFiles.writeCollection(json, DOCUMENTS.iterator());
    try (Stream<Document> all = MsMarcoFiles.streamCollection(json)) {
      assertEquals(DOCUMENTS, all.toList());
    }
  }
}
