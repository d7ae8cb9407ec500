package io.chasqui.testkit;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import java.util.List;
import java.util.Map;

/**
 * An encoder for unit tests that needs no model: words and their character trigrams, hashed into a
 * vector of unit length.
 *
 * <p>Texts that share words or parts of words are near each other, so that a test can say which
 * passage it expects; meaning is unknown to it. The same text gives the same vector on every
 * machine. A passage is its title and text; a query is its text. A text without a letter or digit
 * gets a vector of its own that no word has. Nothing is ever cut. Immutable.
 *
 * @see <a href="https://arxiv.org/abs/0902.2206">Weinberger et al. 2009, Feature hashing for large
 *     scale multitask learning</a>
 */
public final class HashingEncoder implements Encoder {
  private static final int DEFAULT_DIMENSION = 512;
  private static final float TRIGRAM_WEIGHT = 0.3f;

  private final EmbeddingSpace space;

  private HashingEncoder(int dimension) {
    this.space =
        new EmbeddingSpace(
            dimension,
            Map.of("name", "hashing", "query", "text", "passage", "title text", "ngrams", "3"));
  }

  /** Vectors of 512 floats. */
  public static HashingEncoder create() {
    return new HashingEncoder(DEFAULT_DIMENSION);
  }

  /**
   * Vectors of another dimension.
   *
   * @param dimension floats per vector; the fewer, the more words fall together
   */
  public static HashingEncoder create(int dimension) {
    return new HashingEncoder(dimension);
  }

  @Override
  public EmbeddingSpace space() {
    return space;
  }

  @Override
  public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
    return encode(queries, deadline);
  }

  @Override
  public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
    return encode(passages.stream().map(p -> p.title() + " " + p.text()).toList(), deadline);
  }

  private Embeddings encode(List<String> texts, Deadline deadline) {
    deadline.check("encoding " + texts.size() + " texts");
    int dimension = space.dimension();
    float[] values = new float[Math.multiplyExact(texts.size(), dimension)];
    for (int row = 0; row < texts.size(); row++) {
      float[] vector = vector(texts.get(row));
      System.arraycopy(vector, 0, values, row * dimension, dimension);
    }
    return Embeddings.of(dimension, values);
  }

  private float[] vector(String text) {
    float[] vector = new float[space.dimension()];
    for (String word : Words.of(text)) {
      add(vector, word, 1f);
      String framed = "^" + word + "$";
      for (int i = 0; i + 3 <= framed.length(); i++) {
        add(vector, framed.substring(i, i + 3), TRIGRAM_WEIGHT);
      }
    }
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    if (squares == 0) {
      vector[0] = 1f;
      return vector;
    }
    float scale = (float) (1 / Math.sqrt(squares));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  private static void add(float[] vector, String feature, float weight) {
    int hash = feature.hashCode();
    // String.hashCode keeps near strings near; these are the last steps of MurmurHash3.
    hash ^= hash >>> 16;
    hash *= 0x85ebca6b;
    hash ^= hash >>> 13;
    hash *= 0xc2b2ae35;
    hash ^= hash >>> 16;
    vector[(hash >>> 1) % vector.length] += (hash & 1) == 0 ? weight : -weight;
  }
}
