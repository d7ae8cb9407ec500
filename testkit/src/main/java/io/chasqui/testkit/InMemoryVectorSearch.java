package io.chasqui.testkit;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Exact vector search over a list of passages in memory: an index for unit tests, and the oracle
 * for real ones. Dot products are summed in double precision and rounded once. Immutable.
 */
public final class InMemoryVectorSearch implements VectorSearch {
  private final EmbeddingSpace space;
  private final List<Passage> passages;
  private final Embeddings vectors;

  private InMemoryVectorSearch(EmbeddingSpace space, List<Passage> passages, Embeddings vectors) {
    this.space = Objects.requireNonNull(space, "space");
    this.passages = List.copyOf(passages);
    this.vectors = vectors;
    if (vectors.size() != this.passages.size()
        || (vectors.size() > 0 && vectors.dimension() != space.dimension())) {
      throw new IllegalArgumentException(
          vectors + " do not fit " + passages.size() + " passages in " + space.dimension() + "-d");
    }
    for (int row = 0; row < vectors.size(); row++) {
      String id = this.passages.get(row).id();
      vectors
          .failure(row)
          .ifPresent(
              reason -> {
                throw new IllegalArgumentException("passage " + id + " has no vector: " + reason);
              });
    }
    Set<String> ids = new HashSet<>();
    for (Passage passage : this.passages) {
      if (!ids.add(passage.id())) {
        throw new IllegalArgumentException("passage " + passage.id() + " is there twice");
      }
    }
  }

  /** The passages with the vectors that the encoder makes of them. */
  public static InMemoryVectorSearch of(Encoder encoder, List<Passage> passages) {
    return of(encoder.space(), passages, encoder.encodePassages(passages));
  }

  /**
   * The passages with vectors made elsewhere.
   *
   * @param vectors one row per passage, in order
   */
  public static InMemoryVectorSearch of(
      EmbeddingSpace space, List<Passage> passages, Embeddings vectors) {
    return new InMemoryVectorSearch(space, passages, vectors);
  }

  @Override
  public EmbeddingSpace space() {
    return space;
  }

  @Override
  public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
    if (vector.length != space.dimension()) {
      throw new IllegalArgumentException(
          "vector has dimension " + vector.length + ", not " + space.dimension());
    }
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("vector holds " + value);
      }
    }
    deadline.check("comparing " + passages.size() + " vectors");
    List<ScoredPassage> hits = new ArrayList<>();
    for (int i = 0; i < passages.size(); i++) {
      if (filter.matches(passages.get(i).metadata())) {
        hits.add(ScoredPassage.of(passages.get(i), dot(vectors.row(i), vector)));
      }
    }
    hits.sort(ScoredPassage.BEST_FIRST);
    return List.copyOf(hits.subList(0, Math.min(k, hits.size())));
  }

  private static float dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return (float) sum;
  }
}
