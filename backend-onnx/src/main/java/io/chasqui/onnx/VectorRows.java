package io.chasqui.onnx;

import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.util.ArrayList;
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
  /** Sums that go on side by side: a single one waits for each addition. */
  private static final int LANES = 8;

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

  /**
   * A passage with its dot product with a query.
   *
   * @param row as long as the vectors, to work in
   */
  ScoredPassage scored(int ordinal, float[] query, float[] row) {
    copy(ordinal, row);
    return ScoredPassage.of(passages[ordinal], dot(query, row));
  }

  static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i <= a.length - LANES; i += LANES) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
      s4 += a[i + 4] * b[i + 4];
      s5 += a[i + 5] * b[i + 5];
      s6 += a[i + 6] * b[i + 6];
      s7 += a[i + 7] * b[i + 7];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
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
