package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.evaluation.DataFormatException;
import io.chasqui.evaluation.mining.HardNegativeMiner;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.TrainingFormat;
import io.chasqui.evaluation.mining.TrainingQuery;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingFilesTest {
  private static final String CORPUS =
      """
      {"_id": "a", "title": "A", "text": "first"}
      {"docid": "b", "text": "second"}

      {"_id": 3, "title": "", "text": "third"}
      """;

  @TempDir Path directory;

  @Test
  void tevatronsFirstFormHoldsItsTexts() throws IOException {
    Path file =
        write(
            "train.jsonl",
            """
            {"query_id": "1", "query": "who", "positive_passages": [{"docid": "a", "title": "A", \
            "text": "first"}], "negative_passages": [{"docid": "b", "text": "second"}]}
            """);

    assertEquals(
        List.of(
            TrainingExample.of(
                "1",
                "who",
                List.of(Passage.of("a", "A", "first")),
                List.of(Passage.of("b", "second")))),
        read(TrainingFiles.tevatron(file)));
  }

  @Test
  void tevatronsNewerFormNamesPassagesOfACorpus() throws IOException {
    Path file =
        write(
            "train.jsonl",
            """
            {"query_id": "1", "query_text": "who", "positive_document_ids": ["3"], \
            "negative_document_ids": ["b", "a"]}
            """);

    assertEquals(
        List.of(
            TrainingExample.of(
                "1",
                "who",
                List.of(Passage.of("3", "third")),
                List.of(Passage.of("b", "second"), Passage.of("a", "A", "first")))),
        read(TrainingFiles.tevatron(file, write("corpus.jsonl", CORPUS))));
  }

  @Test
  void whatTheMinerWritesCanBeReadInBothForms() throws IOException {
    Retriever all =
        request ->
            List.of(
                ScoredPassage.of(Passage.of("b", "second"), 2f),
                ScoredPassage.of(Passage.of("a", "A", "first"), 1f));
    List<TrainingQuery> queries =
        List.of(new TrainingQuery("q", "who", List.of(Passage.of("a", "A", "first"))));
    Path corpus = write("corpus.jsonl", CORPUS);
    for (TrainingFormat format : TrainingFormat.values()) {
      Path file = directory.resolve(format + ".jsonl");
      HardNegativeMiner.of(Map.of("all", all), MiningOptions.defaults().withFormat(format))
          .mine(queries.iterator(), file, done -> {});

      assertEquals(
          List.of(
              TrainingExample.of(
                  "q",
                  "who",
                  List.of(Passage.of("a", "A", "first")),
                  List.of(Passage.of("b", "second")))),
          read(TrainingFiles.tevatron(file, corpus)),
          format.toString());
    }
  }

  @Test
  void aBeirFolderGivesItsJudgementsWithLowGradesAsNegatives() throws IOException {
    Path folder = beir("q1\ta\t1\nq1\tb\t0\nq2\t3\t2\nq3\tb\t0\n");

    assertEquals(
        List.of(
            TrainingExample.of(
                "q1",
                "who",
                List.of(Passage.of("a", "A", "first")),
                List.of(Passage.of("b", "second"))),
            TrainingExample.of("q2", "what", List.of(Passage.of("3", "third")), List.of())),
        sorted(TrainingFiles.beir(folder, "train", 1)));
  }

  @Test
  void triplesAndPairsAreColumnsOrObjects() throws IOException {
    TrainingExample triple =
        read(TrainingFiles.triples(write("t.tsv", "who\tfirst\tsecond\tthird\n"))).get(0);

    assertEquals("who", triple.query());
    assertEquals(List.of("first"), texts(triple.positives()));
    assertEquals(List.of("second", "third"), texts(triple.negatives()));

    Path objects =
        write(
            "t.jsonl",
            "{\"anchor\": \"who\", \"positive\": \"first\", \"negative\": \"second\"}\n");
    TrainingExample object = read(TrainingFiles.triples(objects)).get(0);
    assertEquals(triple.positives(), object.positives());
    assertEquals(List.of("second"), texts(object.negatives()));

    TrainingExample pair = read(TrainingFiles.pairs(write("p.tsv", "who\tfirst\r\n"))).get(0);
    assertEquals(triple.positives(), pair.positives());
    assertEquals(List.of(), pair.negatives());
  }

  @Test
  void textsAreLinesOrTheTextsOfACorpus() throws IOException {
    assertEquals(
        List.of("one", "two"),
        read(TrainingFiles.texts(write("a.txt", "two\n\none"))).stream().sorted().toList());
    assertEquals(
        List.of("A first", "second", "third"),
        read(TrainingFiles.texts(write("corpus.jsonl", CORPUS))).stream().sorted().toList());
  }

  @Test
  void aTeachersScoresComeFromARun() throws IOException {
    Path file = write("t.tsv", "who\tfirst\tsecond\n");
    TrainingData<TrainingExample> data = TrainingFiles.triples(file);
    TrainingExample example = read(data).get(0);
    String positive = example.positives().get(0).id();
    String negative = example.negatives().get(0).id();
    Path run = write("run", "1 Q0 %s 1 2.5 t\n1 Q0 %s 2 -1 t\n".formatted(positive, negative));

    TrainingData<TrainingExample> taught = TrainingFiles.withTeacher(data, run);

    assertEquals(List.of(2.5f, -1f), read(taught).get(0).teacherScores());
    assertNotEquals(data.fingerprint(), taught.fingerprint());
    problem(
        "has no score of query 1 for passage " + negative,
        f -> TrainingFiles.withTeacher(data, f),
        write("run2", "1 Q0 %s 1 2.5 t\n".formatted(positive)));
  }

  @Test
  void gzipReadsAsThePlainFile() throws IOException {
    String text =
        IntStream.range(0, 3000)
            .mapToObj(i -> "q" + i + "\tp" + i + "\n")
            .collect(Collectors.joining());
    TrainingData<TrainingExample> plain = TrainingFiles.pairs(write("p.tsv", text));
    Path gzip = directory.resolve("p.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    assertEquals(read(plain), read(TrainingFiles.pairs(gzip)));
    assertEquals(plain.fingerprint(), TrainingFiles.pairs(gzip).fingerprint());
  }

  @Test
  void eachEpochIsAnotherPermutationAndTheSameOneAgain() throws IOException {
    TrainingData<String> data =
        TrainingFiles.texts(
            write(
                "a.txt",
                IntStream.range(0, 100).mapToObj(i -> i + "\n").collect(Collectors.joining())));
    List<String> first = read(data, 7, 0);

    assertEquals(100, data.size());
    assertEquals(100, new HashSet<>(first).size());
    assertEquals(first, read(data, 7, 0));
    assertNotEquals(first, read(data, 7, 1));
    assertNotEquals(first, read(data, 8, 0));
  }

  @Test
  void aWrongLineIsNamedWithFileLineAndField() throws IOException {
    String good = "{\"query_id\": \"1\", \"query\": \"q\", \"positive_passages\": [%s]}\n";
    String passage = "{\"docid\": \"a\", \"text\": \"t\"}";
    Attempt tevatron = TrainingFiles::tevatron;
    problem(":2: not JSON", tevatron, write("1.jsonl", good.formatted(passage) + "{\"query\n"));
    problem(":1: not a JSON object", tevatron, write("2.jsonl", "[]\n"));
    problem(
        ":1: field \"positive_passages\" is empty: query 1 has no positive",
        tevatron,
        write("3.jsonl", good.formatted("")));
    problem(
        ":1: field \"positive_passages[1].text\" must be a string, found nothing",
        tevatron,
        write("4.jsonl", good.formatted(passage + ", {\"docid\": \"b\"}")));
    problem(
        ":1: field \"positive_passages[0]\" has none of the fields [docid",
        tevatron,
        write("5.jsonl", good.formatted("{\"text\": \"t\"}")));
    problem(
        ":1: has none of the fields [query_id",
        tevatron,
        write("6.jsonl", good.formatted(passage).replace("query_id", "number")));
    problem(
        ":1: field \"query\" must be a string, found 3",
        tevatron,
        write("7.jsonl", good.formatted(passage).replace("\"q\"", "3")));
    problem(
        "a corpus is needed",
        tevatron,
        write(
            "8.jsonl", "{\"query_id\": 1, \"query\": \"q\", \"positive_document_ids\": [\"a\"]}"));
    Path corpus = write("corpus.jsonl", CORPUS);
    problem(
        ":1: field \"negative_document_ids\" names zz, which is not in",
        f -> TrainingFiles.tevatron(f, corpus),
        write(
            "9.jsonl",
            "{\"query_id\": 1, \"query\": \"q\", \"positive_document_ids\": [\"a\"],"
                + " \"negative_document_ids\": [\"zz\"]}"));
    problem(
        ":2: expected a query, a positive and a negative between tabs, found 2 columns",
        TrainingFiles::triples,
        write("t.tsv", "a\tb\tc\nd\te\n"));
    problem(":1: column 2 is empty", TrainingFiles::pairs, write("u.tsv", "a\t \n"));
  }

  @Test
  void emptyAndDamagedFilesAreNamed() throws IOException {
    problem("holds nothing to train on", TrainingFiles::pairs, write("e.tsv", "\n\n"));
    problem("holds nothing to train on", TrainingFiles::texts, write("e.txt", ""));
    Path file = write("ids.jsonl", "{}");
    problem(
        "the corpus is empty", c -> TrainingFiles.tevatron(file, c), write("corpus.jsonl", "\n"));
    problem(
        ":3: document a is there twice, before on line 1",
        c -> TrainingFiles.tevatron(file, c),
        write("twice.jsonl", "{\"_id\":\"a\",\"text\":\"\"}\n\n{\"_id\":\"a\",\"text\":\"\"}\n"));
    Path latin = directory.resolve("latin.txt");
    Files.write(latin, new byte[] {'a', '\n', (byte) 0xe9, '\n'});
    problem(":2: not UTF-8", TrainingFiles::texts, latin);
    Path gzip = directory.resolve("cut.txt.gz");
    Files.write(gzip, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 75});
    problem("damaged gzip data", TrainingFiles::texts, gzip);
  }

  @Test
  void aJudgementOfAMissingDocumentIsNamedWithItsLine() throws IOException {
    Path folder = beir("q1\ta\t1\nq1\tzz\t1\n");

    problem("train.tsv:3: no such document: zz", f -> TrainingFiles.beir(f, "train", 1), folder);
    problem(
        "no query has a document of grade 3 or higher",
        f -> TrainingFiles.beir(f, "train", 3),
        beir("q1\ta\t1\n"));
  }

  @Test
  void aFileThatChangesWhileItIsUsedIsAnErrorOfTheNextEpoch() throws IOException {
    Path file = write("a.txt", "one\ntwo\n");
    TrainingData<String> data = TrainingFiles.texts(file);
    Files.writeString(file, "one\ntwo\nthree\n");

    assertThrows(DataFormatException.class, () -> data.epoch(1, 0).close());
  }

  @Test
  void aCorpusOfManyPassagesFindsEachOfThem() throws IOException {
    String corpus =
        IntStream.range(0, 5000)
            .mapToObj(i -> "{\"_id\": \"d%d\", \"text\": \"t%d\"}\n".formatted(i, i))
            .collect(Collectors.joining());
    CorpusFile file = CorpusFile.open(write("corpus.jsonl", corpus));
    DataLine line = new DataLine(directory, 1, "");

    assertEquals(5000, file.size());
    try (CorpusFile.Reader reader = file.reader()) {
      for (int i = 0; i < 5000; i++) {
        assertEquals("t" + i, reader.find(line, "x", "d" + i).text());
      }
      assertThrows(DataFormatException.class, () -> reader.find(line, "x", "d5000"));
    }
  }

  @FunctionalInterface
  private interface Attempt {
    Object open(Path file) throws IOException;
  }

  private static void problem(String message, Attempt attempt, Path file) {
    DataFormatException error = assertThrows(DataFormatException.class, () -> attempt.open(file));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  private Path beir(String judgements) throws IOException {
    write("corpus.jsonl", CORPUS);
    write(
        "queries.jsonl",
        """
        {"_id": "q1", "text": "who"}
        {"_id": "q2", "text": "what"}
        {"_id": "q3", "text": "where"}
        """);
    Files.createDirectories(directory.resolve("qrels"));
    write("qrels/train.tsv", "query-id\tcorpus-id\tscore\n" + judgements);
    return directory;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static List<String> texts(List<Passage> passages) {
    return passages.stream().map(Passage::text).toList();
  }

  private static List<TrainingExample> sorted(TrainingData<TrainingExample> data)
      throws IOException {
    return read(data).stream().sorted(java.util.Comparator.comparing(TrainingExample::id)).toList();
  }

  private static <T> List<T> read(TrainingData<T> data) throws IOException {
    return read(data, 1, 0);
  }

  private static <T> List<T> read(TrainingData<T> data, long seed, int epoch) throws IOException {
    try (Stream<T> items = data.epoch(seed, epoch)) {
      return items.map(item -> item).toList();
    }
  }
}
