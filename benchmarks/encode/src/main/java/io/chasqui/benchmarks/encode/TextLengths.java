package io.chasqui.benchmarks.encode;

import io.chasqui.Document;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How long texts are, in tokens without BOS and EOS.
 *
 * @param passages to encode
 * @param queries to encode, one by one
 * @param lists to rerank
 */
record TextLengths(List<Integer> passages, List<Integer> queries, List<CandidateList> lists) {
  private static final long SEED = 7;

  /** A query and its candidates in the order of arrival. */
  record CandidateList(int query, List<Integer> candidates) {}

  /**
   * Uniformly random lengths; the first query's candidates are all passages.
   *
   * @param passages how many, of 61 to 253 tokens
   * @param queries how many, of 8 to 14 tokens
   */
  static TextLengths random(int passages, int queries) {
    Random random = new Random(SEED);
    return withOneList(
        random.ints(passages, 61, 254).boxed().toList(),
        random.ints(queries, 8, 15).boxed().toList());
  }

  /** The same length for all passages, and one for all queries. */
  static TextLengths even(int passages, int passageLength, int queries, int queryLength) {
    return withOneList(
        Collections.nCopies(passages, passageLength), Collections.nCopies(queries, queryLength));
  }

  private static TextLengths withOneList(List<Integer> passages, List<Integer> queries) {
    return new TextLengths(passages, queries, List.of(new CandidateList(queries.get(0), passages)));
  }

  /**
   * Lengths found in a collection: documents and judged test queries drawn at random, and the first
   * candidates of a run for such queries.
   *
   * @param collection in BEIR's layout
   * @param run a TREC run of the test queries
   * @param tokenizer a folder with a {@code tokenizer.json}
   * @param passages of a list, and to encode
   * @param lists how many queries' candidates
   */
  static TextLengths of(
      Path collection, Path run, Path tokenizer, int passages, int queries, int lists)
      throws IOException {
    BeirFolder folder = BeirFolder.open(collection);
    Run candidates = TrecFiles.readRun(run);
    Map<String, String> texts = folder.queryTexts("test");
    Random random = new Random(SEED);
    List<String> asked =
        shuffled(
            texts.keySet().stream()
                .filter(id -> candidates.ranking(id).size() >= passages)
                .collect(Collectors.toSet()),
            random);
    if (asked.size() < lists) {
      throw new IOException(run + " has " + passages + " candidates for too few test queries");
    }
    asked = asked.subList(0, Math.min(asked.size(), Math.max(lists, queries)));
    try (JsonTokenizer words = JsonTokenizer.open(tokenizer)) {
      Map<String, Integer> documents = new HashMap<>();
      try (Stream<Document> corpus = folder.corpus()) {
        corpus.forEach(
            document ->
                documents.put(
                    document.id(),
                    count(words, (document.title() + " " + document.text()).strip())));
      }
      Map<String, Integer> queryLengths = new HashMap<>();
      texts.forEach((id, text) -> queryLengths.put(id, count(words, text)));
      List<CandidateList> found = new ArrayList<>();
      for (String id : asked.subList(0, lists)) {
        List<String> ids = candidates.ranking(id).ids().subList(0, passages);
        found.add(
            new CandidateList(
                of(queryLengths, id), ids.stream().map(each -> of(documents, each)).toList()));
      }
      List<String> sample = shuffled(documents.keySet(), random);
      return new TextLengths(
          sample.stream().limit(passages).map(id -> of(documents, id)).toList(),
          asked.stream().limit(queries).map(id -> of(queryLengths, id)).toList(),
          found);
    }
  }

  private static int of(Map<String, Integer> lengths, String id) {
    Integer length = lengths.get(id);
    if (length == null) {
      throw new IllegalArgumentException(
          "the run names " + id + ", which is not in the collection");
    }
    return length;
  }

  private static int count(JsonTokenizer tokenizer, String text) {
    return Math.max(1, tokenizer.tokenize(text).ids().length);
  }

  private static List<String> shuffled(Set<String> ids, Random random) {
    List<String> sorted = new ArrayList<>(new TreeSet<>(ids));
    Collections.shuffle(sorted, random);
    return sorted;
  }
}
