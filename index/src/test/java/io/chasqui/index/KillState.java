package io.chasqui.index;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * What an index holds that is written step by step until its process is killed. Each step follows
 * from its number and the state before it, so that the killer knows what the victim did. Documents
 * by number; passages of a document are numbered from 0. Immutable.
 */
record KillState(TreeMap<Integer, Document> documents) {
  static final int DIMENSION = 8;
  static final EmbeddingSpace SPACE = EmbeddingSpace.named("kill", DIMENSION);

  /** Small graphs in larger segments, so that all kinds of files are written. */
  static final IndexOptions OPTIONS =
      IndexOptions.exact().withGraph("test").withGraphFrom(100).withElements(ElementType.INT8);

  private static final int DOCUMENTS_PER_STEP = 25;

  /**
   * @param version the step that wrote it
   */
  record Document(int passages, int version) {}

  static KillState empty() {
    return new KillState(new TreeMap<>());
  }

  /** What an index holds. */
  static KillState of(PassageIndex index) {
    KillState state = empty();
    for (Passage passage : index.passages()) {
      String[] parts = passage.id().substring(1).split("#", -1);
      int version = Integer.parseInt(passage.text().split(" ", -1)[0]);
      state.documents.merge(
          Integer.parseInt(parts[0]),
          new Document(1, version),
          (a, b) -> new Document(a.passages + 1, version));
    }
    return state;
  }

  /** The state after a step, which is done to the index, if there is one, but not committed. */
  KillState step(int step, Optional<PassageIndex> index) {
    Random random = new Random(step);
    TreeMap<Integer, Document> after = new TreeMap<>(documents);
    List<Passage> added = new ArrayList<>();
    int next = after.isEmpty() ? 0 : after.lastKey() + 1;
    for (int i = random.nextInt(DOCUMENTS_PER_STEP); i >= 0; i--) {
      put(after, next++, new Document(1 + random.nextInt(3), step), added);
    }
    List<Passage> upserted = new ArrayList<>();
    for (int document : some(random)) {
      put(after, document, new Document(1 + random.nextInt(3), step), upserted);
    }
    List<String> removed = new ArrayList<>();
    for (int document : some(random)) {
      Document before = after.get(document);
      removed.add("d" + document + "#" + (before.passages - 1));
      if (before.passages == 1) {
        after.remove(document);
      } else {
        after.put(document, new Document(before.passages - 1, before.version));
      }
    }
    List<String> forgotten = new ArrayList<>();
    for (int document : some(random)) {
      if (after.remove(document) != null) {
        forgotten.add("d" + document);
      }
    }
    index.ifPresent(
        changed -> {
          changed.add(added, vectors(added));
          changed.upsert(upserted, vectors(upserted));
          changed.remove(removed);
          changed.removeDocuments(forgotten);
        });
    return new KillState(after);
  }

  static boolean compacts(int step) {
    return step % 5 == 0;
  }

  /** A few documents that are there, none twice. */
  private List<Integer> some(Random random) {
    List<Integer> there = new ArrayList<>(documents.keySet());
    List<Integer> some = new ArrayList<>();
    for (int i = Math.min(there.size(), random.nextInt(6)); i > 0; i--) {
      some.add(there.remove(random.nextInt(there.size())));
    }
    return some;
  }

  private static void put(
      TreeMap<Integer, Document> state, int number, Document document, List<Passage> passages) {
    state.put(number, document);
    for (int i = 0; i < document.passages; i++) {
      passages.add(passage(number, i, document.version));
    }
  }

  private static Passage passage(int document, int place, int version) {
    return Passage.of(
            "d" + document + "#" + place, version + " is the step" + " ".repeat(document % 50))
        .withDocumentId("d" + document);
  }

  /** All passages, as they must be found. */
  List<Passage> passages() {
    List<Passage> passages = new ArrayList<>();
    documents.forEach((number, document) -> put(new TreeMap<>(), number, document, passages));
    return passages;
  }

  static Embeddings vectors(List<Passage> passages) {
    float[] values = new float[passages.size() * DIMENSION];
    for (int i = 0; i < passages.size(); i++) {
      System.arraycopy(vector(passages.get(i)), 0, values, i * DIMENSION, DIMENSION);
    }
    return Embeddings.of(DIMENSION, values);
  }

  static float[] vector(Passage passage) {
    Random random = new Random(passage.id().hashCode() + 31L * passage.text().hashCode());
    float[] vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }
}
