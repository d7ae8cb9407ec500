package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Deadline;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What an index should hold: a plain map, searched by comparing with everything. */
final class Model {
  static final int DIMENSION = 4;
  private static final int IDS = 40;
  private static final int DOCUMENTS = 10;

  private TreeMap<String, Passage> committed = new TreeMap<>();
  private TreeMap<String, Passage> pending = new TreeMap<>();

  /** The vector of a passage follows from its text, so that a mix-up shows. */
  static float[] vector(Passage passage) {
    Random random = new Random(passage.text().hashCode());
    float[] vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = random.nextInt(5) - 2; // small integers: exact sums, many ties
    }
    return vector;
  }

  static Embeddings vectors(List<Passage> passages) {
    float[] values = new float[passages.size() * DIMENSION];
    for (int i = 0; i < passages.size(); i++) {
      System.arraycopy(vector(passages.get(i)), 0, values, i * DIMENSION, DIMENSION);
    }
    return Embeddings.of(DIMENSION, values);
  }

  static Passage passage(Random random) {
    int id = random.nextInt(IDS);
    int n = random.nextInt(6);
    return Passage.of("p" + id, "text " + random.nextInt(1000))
        .withDocumentId("d" + id % DOCUMENTS)
        .withMetadata(Metadata.of(Map.of("n", n, "even", n % 2 == 0)));
  }

  static List<Passage> batch(Random random) {
    TreeMap<String, Passage> batch = new TreeMap<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      Passage passage = passage(random);
      batch.put(passage.id(), passage);
    }
    return new ArrayList<>(batch.values());
  }

  boolean add(List<Passage> passages) {
    if (passages.stream().anyMatch(p -> pending.containsKey(p.id()))) {
      return false;
    }
    passages.forEach(p -> pending.put(p.id(), p));
    return true;
  }

  void upsert(List<Passage> passages) {
    for (Passage passage : passages) {
      pending.values().removeIf(p -> p.documentId().equals(passage.documentId()));
    }
    passages.forEach(p -> pending.put(p.id(), p));
  }

  boolean remove(String id) {
    return pending.remove(id) != null;
  }

  int removeDocument(String id) {
    int before = pending.size();
    pending.values().removeIf(p -> p.documentId().equals(id));
    return before - pending.size();
  }

  void commit() {
    committed = new TreeMap<>(pending);
  }

  void rollback() {
    pending = new TreeMap<>(committed);
  }

  /** A copy in which what is pending is committed. */
  Model afterCommit() {
    Model model = new Model();
    model.committed = new TreeMap<>(pending);
    model.pending = new TreeMap<>(pending);
    return model;
  }

  List<ScoredPassage> search(float[] query, int k, Filter filter) {
    return committed.values().stream()
        .filter(p -> filter.matches(p.metadata()))
        .map(p -> ScoredPassage.of(p, dot(vector(p), query) + 0f))
        .sorted(ScoredPassage.BEST_FIRST)
        .limit(k)
        .toList();
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  boolean holds(PassageIndex index) {
    float[] query = {1, -1, 2, 1};
    return index.size() == committed.size()
        && index
            .search(query, IDS, Filter.all(), Deadline.none())
            .equals(search(query, IDS, Filter.all()));
  }

  void check(PassageIndex index, Random random) {
    assertEquals(committed.size(), index.size());
    float[] query = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      query[i] = random.nextInt(7) - 3;
    }
    int k = 1 + random.nextInt(IDS);
    Filter[] filters = {
      Filter.all(),
      Filter.eq("n", 3),
      Filter.lt("n", 2),
      Filter.and(Filter.eq("even", true), Filter.gt("n", 1)),
      Filter.exists("nothing")
    };
    for (Filter filter : filters) {
      List<ScoredPassage> truth = search(query, k, filter);
      assertEquals(truth, index.search(query, k, filter, Deadline.none()));
      assertEquals(truth, index.searchExact(query, k, filter, Deadline.none()));
    }
    String id = "p" + random.nextInt(IDS);
    assertEquals(committed.containsKey(id), index.contains(id));
    assertEquals(java.util.Optional.ofNullable(committed.get(id)), index.get(id));
  }
}
