package io.chasqui.onnx;

import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.internal.DotProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Passages with their full vectors, by ordinal in ascending order of passage id: of equal scores
 * the lower ordinal comes first. Any number of vectors: each part that was added has its own array.
 * Immutable.
 */
final class VectorRows {
  /** Floats that are copied before they are used: so memory is asked for several rows at a time. */
  private static final int COPIED = 1 << 12;

  private final int dimension;
  private final Passage[] passages;
  private final Embeddings[] parts; // by ordinal
  private final int[] rows; // in that part

  private VectorRows(int dimension, Passage[] passages, Embeddings[] parts, int[] rows) {
    this.dimension = dimension;
    this.passages = passages;
    this.parts = parts;
    this.rows = rows;
  }

  int size() {
    return passages.length;
  }

  int dimension() {
    return dimension;
  }

  Passage passage(int ordinal) {
    return passages[ordinal];
  }

  /** Copies a vector to {@code target[0..dimension)}. */
  void copy(int ordinal, float[] target) {
    parts[ordinal].copyRow(rows[ordinal], target, 0);
  }

  /** The best k of some ordinals, by dot product, best first. */
  List<ScoredPassage> best(float[] query, int[] ordinals, int k) {
    long[] keys = new long[ordinals.length];
    int together = Math.max(1, COPIED / dimension);
    float[] copies = new float[together * dimension];
    for (int from = 0; from < keys.length; from += together) {
      int to = Math.min(keys.length, from + together);
      for (int i = from; i < to; i++) {
        parts[ordinals[i]].copyRow(rows[ordinals[i]], copies, (i - from) * dimension);
      }
      for (int i = from; i < to; i++) {
        float score = DotProduct.of(copies, (i - from) * dimension, query, dimension);
        keys[i] = RankKey.of(score, ordinals[i]);
      }
    }
    Arrays.sort(keys);
    int size = Math.min(k, keys.length);
    ScoredPassage[] hits = new ScoredPassage[size];
    for (int i = 0; i < size; i++) {
      long key = keys[keys.length - 1 - i];
      hits[i] = ScoredPassage.of(passages[RankKey.ordinal(key)], RankKey.score(key));
    }
    return List.of(hits);
  }

  /** Collects passages in any order. Confined to one thread. */
  static final class Builder {
    private final int dimension;
    private final List<Passage> passages = new ArrayList<>();
    private final List<Embeddings> parts = new ArrayList<>(); // by passage
    private final List<Integer> rows = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    Builder(int dimension) {
      this.dimension = dimension;
    }

    /**
     * Adds passages, all or none.
     *
     * @throws IllegalArgumentException if sizes or dimension do not fit, a row failed, or an id is
     *     there already
     */
    void add(List<Passage> added, Embeddings vectors) {
      if (vectors.size() != added.size()
          || (vectors.size() > 0 && vectors.dimension() != dimension)) {
        throw new IllegalArgumentException(
            vectors + " do not fit " + added.size() + " passages in " + dimension + "-d");
      }
      Set<String> fresh = new HashSet<>();
      for (int row = 0; row < added.size(); row++) {
        String id = added.get(row).id();
        if (vectors.failure(row).isPresent()) {
          throw new IllegalArgumentException(
              "passage " + id + " has no vector: " + vectors.failure(row).get());
        }
        if (ids.contains(id) || !fresh.add(id)) {
          throw new IllegalArgumentException("passage " + id + " is there twice");
        }
      }
      ids.addAll(fresh);
      for (int row = 0; row < added.size(); row++) {
        passages.add(added.get(row));
        parts.add(vectors);
        rows.add(row);
      }
    }

    VectorRows build() {
      int[] order =
          IntStream.range(0, passages.size())
              .boxed()
              .sorted((a, b) -> passages.get(a).id().compareTo(passages.get(b).id()))
              .mapToInt(Integer::intValue)
              .toArray();
      Passage[] sorted = new Passage[order.length];
      Embeddings[] sortedParts = new Embeddings[order.length];
      int[] sortedRows = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        sorted[i] = passages.get(order[i]);
        sortedParts[i] = parts.get(order[i]);
        sortedRows[i] = rows.get(order[i]);
      }
      return new VectorRows(dimension, sorted, sortedParts, sortedRows);
    }
  }
}
