package io.chasqui.evaluation.mining;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.BackendException;
import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.SearchRequest;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.DataFormatException;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HardNegativeMinerTest {
  private static final MiningOptions OPTIONS = MiningOptions.defaults();
  private static final TrainingQuery QUERY =
      new TrainingQuery("q", "who hums", List.of(Passage.of("yes", "llamas hum")));

  @TempDir Path folder;

  /** A source that always gives these ids, with scores 10, 9, 8 and so on. */
  private static Retriever source(String... ids) {
    return request ->
        IntStream.range(0, Math.min(request.k(), ids.length))
            .mapToObj(i -> ScoredPassage.of(Passage.of(ids[i], "text of " + ids[i]), 10 - i))
            .toList();
  }

  private static List<String> mined(MiningOptions options, Retriever... sources) {
    return ids(miner(options, sources).mine(List.of(QUERY)).get(0));
  }

  private static HardNegativeMiner miner(MiningOptions options, Retriever... sources) {
    Map<String, Retriever> byName = new LinkedHashMap<>();
    Arrays.stream(sources).forEach(source -> byName.put("s" + byName.size(), source));
    return HardNegativeMiner.of(byName, options);
  }

  private static List<String> ids(MinedExample example) {
    return example.negatives().stream().map(Passage::id).toList();
  }

  @Test
  void sourcesAreMixedWithoutPositivesOrRepetitions() {
    assertEquals(
        List.of("a", "b", "c"), mined(OPTIONS, source("a", "yes", "b"), source("b", "c", "yes")));
  }

  @Test
  void ranksAreCountedInEachSource() {
    assertEquals(
        List.of("b", "c", "z"),
        mined(OPTIONS.withRanks(2, 3), source("a", "b", "c", "d"), source("y", "yes", "z")));
  }

  @Test
  void aSourceThatGivesMoreThanAskedIsCutAtTheLastRank() {
    Retriever all = source("a", "b", "c", "d");
    Retriever generous = request -> all.retrieve(SearchRequest.of(request.text(), 4));
    assertEquals(List.of("a", "b"), mined(OPTIONS.withRanks(1, 2), generous));
  }

  @Test
  void aSourceThatDoesNotKnowThePositiveIsNotJudgedByZero() {
    Retriever below = request -> List.of(ScoredPassage.of(Passage.of("a", "text"), -5));
    assertEquals(
        List.of("x"),
        mined(OPTIONS.withSourceLimit(ScoreLimit.margin(0)), below, source("yes", "x")));
  }

  @Test
  void aPassageWithAPositivesTextIsNoNegative() {
    Retriever copy = request -> List.of(ScoredPassage.of(Passage.of("copy", "llamas hum"), 3));
    assertEquals(List.of("a"), mined(OPTIONS, copy, source("a")));
  }

  @Test
  void candidatesTooNearToThePositiveAreTakenForAnswers() {
    // Scores a 10, yes 9, b 8, c 7, d 6: three quarters of 9 are 6.75.
    Retriever source = source("a", "yes", "b", "c", "d");
    assertEquals(List.of("d"), mined(OPTIONS.withSourceLimit(ScoreLimit.share(0.75)), source));
    assertEquals(List.of("c", "d"), mined(OPTIONS.withSourceLimit(ScoreLimit.margin(2)), source));
    assertEquals(
        List.of("b", "c", "d"), mined(OPTIONS.withSourceLimit(ScoreLimit.margin(0)), source));
    assertEquals(
        List.of("x"),
        mined(
            OPTIONS.withSourceLimit(ScoreLimit.share(0.95)),
            source("a", "b"), // does not know how the positive scores
            source("yes", "x")));
  }

  @Test
  void ofSeveralPositivesTheWorstIsTheLimit() {
    TrainingQuery query =
        new TrainingQuery("q", "?", List.of(Passage.of("also", "1"), Passage.of("yes", "2")));
    // Scores a 10, yes 9, b 8, also 7, c 6, d 5.
    HardNegativeMiner bySource =
        miner(
            OPTIONS.withSourceLimit(ScoreLimit.margin(1.5)),
            source("a", "yes", "b", "also", "c", "d"));
    assertEquals(List.of("d"), ids(bySource.mine(List.of(query)).get(0)));
    Map<String, Float> known = Map.of("also", 1f, "yes", 3f, "a", 2f, "b", 0f);
    Scorer scorer =
        (text, passages) -> {
          float[] scores = new float[passages.size()];
          for (int i = 0; i < scores.length; i++) {
            scores[i] = known.getOrDefault(passages.get(i).id(), 9f);
          }
          return Scores.of(scores);
        };
    HardNegativeMiner byScorer =
        miner(OPTIONS.withScorerLimit(ScoreLimit.margin(0.5)), source("a", "b")).withScorer(scorer);
    assertEquals(List.of("b"), ids(byScorer.mine(List.of(query)).get(0)));
  }

  @Test
  void eachQueryHasADrawOfItsOwnWhateverStandsBesideIt() {
    HardNegativeMiner miner =
        miner(OPTIONS.withNegatives(3), source("a", "b", "c", "d", "e", "f", "g", "h"));
    List<List<String>> draws = new ArrayList<>();
    miner.mine(queries(40)).forEach(example -> draws.add(ids(example)));
    assertTrue(new HashSet<>(draws).size() > 15, "draws: " + draws); // of 56 that there are
    List<TrainingQuery> backwards = new ArrayList<>(queries(40));
    Collections.reverse(backwards);
    assertEquals(draws.get(0), ids(miner.mine(backwards).get(39)));
  }

  @Test
  void limitsMeanTheSameBelowZero() {
    ScoreLimit limit = ScoreLimit.share(0.9);
    assertTrue(limit.accepts(9, 10));
    assertTrue(!limit.accepts(9.01, 10));
    assertTrue(limit.accepts(-11, -10));
    assertTrue(!limit.accepts(-10.99, -10));
    assertTrue(ScoreLimit.none().accepts(99, -1));
  }

  @Test
  void theScorerDecidesByItsOwnScoreOfThePositive() {
    Scorer scorer =
        (query, passages) -> {
          float[] scores = new float[passages.size()];
          for (int i = 0; i < scores.length; i++) {
            scores[i] =
                passages.get(i).id().equals("yes") ? 2 : passages.get(i).id().charAt(0) - 'a';
          }
          return Scores.of(scores);
        };
    // a 0, b 1, c 2, d 3 against the positive's 2.
    HardNegativeMiner miner =
        miner(OPTIONS.withScorerLimit(ScoreLimit.margin(0.5)), source("d", "c", "b", "a"))
            .withScorer(scorer);
    assertEquals(List.of("b", "a"), ids(miner.mine(List.of(QUERY)).get(0)));
    Scorer broken = (query, passages) -> Scores.of(1f);
    assertThrows(BackendException.class, () -> miner.withScorer(broken).mine(List.of(QUERY)));
  }

  @Test
  void drawsAreFairRepeatableAndKeepTheOrder() {
    String[] ids = IntStream.range(0, 10).mapToObj(i -> "n" + i).toArray(String[]::new);
    int[] drawn = new int[10];
    for (int seed = 0; seed < 2_000; seed++) {
      MiningOptions options = OPTIONS.withNegatives(3).withSeed(seed);
      List<String> negatives = mined(options, source(ids));
      assertEquals(negatives, mined(options, source(ids)));
      assertEquals(3, new HashSet<>(negatives).size());
      assertEquals(negatives.stream().sorted().toList(), negatives);
      negatives.forEach(id -> drawn[id.charAt(1) - '0']++);
    }
    for (int count : drawn) { // 600 expected, standard deviation 20
      assertTrue(count > 500 && count < 700, Arrays.toString(drawn));
    }
  }

  private static List<TrainingQuery> queries(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new TrainingQuery("q" + i, "query " + i, QUERY.positives()))
        .toList();
  }

  @Test
  void aKilledRunIsFinishedWithTheSameResult() throws IOException {
    HardNegativeMiner miner =
        miner(OPTIONS.withNegatives(2), source("a", "b", "c", "d", "\u00e9", "yes"));
    Path whole = folder.resolve("whole.jsonl");
    List<Long> progress = new ArrayList<>();
    MiningSummary summary = miner.mine(queries(150).iterator(), whole, progress::add);
    assertEquals(new MiningSummary(150, 0, 150, 0, 300), summary);
    assertEquals(List.of(64L, 128L, 150L), progress);

    byte[] bytes = Files.readAllBytes(whole);
    Path sidecar = folder.resolve("cut.jsonl.mining.json");
    Files.copy(folder.resolve("whole.jsonl.mining.json"), sidecar);
    Path cut = folder.resolve("cut.jsonl");
    for (int length = 0; length < bytes.length; length += 997) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      MiningSummary rest = miner.mine(queries(150).iterator(), cut, done -> {});
      assertEquals(150, rest.found() + rest.written());
      assertEquals(
          new String(bytes, StandardCharsets.UTF_8), Files.readString(cut), "cut at " + length);
    }
    byte[] longLine =
        Arrays.copyOf(bytes, 2 * bytes.length); // broken off, and longer than the rest
    Arrays.fill(longLine, bytes.length / 2, longLine.length, (byte) 'x');
    Files.write(cut, longLine);
    MiningSummary unused = miner.mine(queries(150).iterator(), cut, done -> {});
    assertEquals(new String(bytes, StandardCharsets.UTF_8), Files.readString(cut));
    assertEquals(
        new MiningSummary(150, 150, 0, 0, 0),
        miner.mine(queries(150).iterator(), whole, done -> {}));
  }

  @Test
  void aFileOfOtherSettingsIsNotGoneOnWith() throws IOException {
    Path file = folder.resolve("t.jsonl");
    miner(OPTIONS, source("a")).mine(queries(2).iterator(), file, done -> {});
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                miner(OPTIONS.withSeed(7), source("a"))
                    .mine(queries(2).iterator(), file, done -> {}));
    assertTrue(
        error.getMessage().contains("\"seed\":42") && error.getMessage().contains("\"seed\":7"),
        error.getMessage());
    assertTrue(error.getMessage().contains("\"sources\":[\"s0\"]"), error.getMessage());
    Files.writeString(file, "{\"query_id\": 5}\n");
    assertEquals(
        file + ":1: field \"query_id\" must be a string",
        assertThrows(
                DataFormatException.class,
                () -> miner(OPTIONS, source("a")).mine(queries(2).iterator(), file, done -> {}))
            .getMessage());
  }

  @Test
  void bothOfTevatronsLayoutsAreWritten() throws IOException {
    Path passages = folder.resolve("passages.jsonl");
    miner(OPTIONS, source("a")).mine(List.of(QUERY).iterator(), passages, done -> {});
    assertEquals(
        "{\"query_id\":\"q\",\"query\":\"who hums\",\"positive_passages\":[{\"docid\":\"yes\","
            + "\"title\":\"\",\"text\":\"llamas hum\"}],\"negative_passages\":[{\"docid\":\"a\","
            + "\"title\":\"\",\"text\":\"text of a\"}]}\n",
        Files.readString(passages));
    Path ids = folder.resolve("ids.jsonl");
    miner(OPTIONS.withFormat(TrainingFormat.TEVATRON_IDS), source("a"))
        .mine(List.of(QUERY).iterator(), ids, done -> {});
    assertEquals(
        "{\"query_id\":\"q\",\"query_text\":\"who hums\",\"positive_document_ids\":[\"yes\"],"
            + "\"negative_document_ids\":[\"a\"]}\n",
        Files.readString(ids));
  }

  @Test
  void queriesWithoutNegativesGetNoLineAndAreCounted() throws IOException {
    Path file = folder.resolve("none.jsonl");
    MiningSummary summary =
        miner(OPTIONS, source("yes")).mine(queries(3).iterator(), file, done -> {});
    assertEquals(new MiningSummary(3, 0, 0, 3, 0), summary);
    assertEquals("", Files.readString(file));
    List<TrainingQuery> twice = List.of(QUERY, QUERY);
    assertThrows(
        IllegalArgumentException.class,
        () -> miner(OPTIONS, source("a")).mine(twice.iterator(), folder.resolve("x"), d -> {}));
  }

  @Test
  void beirFoldersBecomeTrainingQueries() throws IOException {
    Files.createDirectory(folder.resolve("qrels"));
    BeirFolder.writeCorpus(
        folder.resolve("corpus.jsonl"),
        List.of(Document.of("d1", "t", "x"), Document.of("d2", "", "y")).iterator());
    BeirFolder.writeQueries(
        folder.resolve("queries.jsonl"),
        List.of(Query.of("q2", "two"), Query.of("q1", "one"), Query.of("q3", "none")).iterator());
    BeirFolder.writeQrels(
        folder.resolve("qrels/train.tsv"),
        Qrels.builder()
            .add("q1", "d1", 1)
            .add("q1", "d2", 0)
            .add("q2", "d2", 2)
            .add("q3", "d1", 0)
            .build());
    List<TrainingQuery> queries = TrainingQuery.read(BeirFolder.open(folder), "train", 1);
    assertEquals(
        List.of(
            new TrainingQuery("q2", "two", List.of(Passage.of("d2", "y"))),
            new TrainingQuery("q1", "one", List.of(Passage.of("d1", "t", "x")))),
        queries);
    assertNotEquals(List.of(), queries);
  }
}
