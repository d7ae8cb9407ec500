package io.chasqui;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that makes two vectors comparable: base weights, adapter and scaling, tokenizer,
 * templates, BOS/EOS policy, lengths, pooling, normalisation, dimensions. An index remembers the
 * space of its vectors and refuses those of another. Immutable.
 *
 * @param dimension floats per vector
 * @param attributes what was fixed, by name ("pooling" → "last"); sorted by name
 */
public record EmbeddingSpace(int dimension, Map<String, String> attributes) {
  public EmbeddingSpace {
    if (dimension <= 0) {
      throw new IllegalArgumentException("dimension must be positive: " + dimension);
    }
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /** A space known by a name alone, for fakes and for vectors made elsewhere. */
  public static EmbeddingSpace named(String name, int dimension) {
    return new EmbeddingSpace(dimension, Map.of("name", name));
  }

  /**
   * SHA-256 (64 hexadecimal digits) over dimension and attributes; equal exactly for equal spaces.
   */
  public String fingerprint() {
    StringBuilder text = new StringBuilder().append(dimension).append('\n');
    attributes.forEach(
        (name, value) ->
            text.append(name.length())
                .append(':')
                .append(name)
                .append('=')
                .append(value.length())
                .append(':')
                .append(value)
                .append('\n'));
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha256.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * What differs from {@code other}, one entry a difference: "pooling: last / mean"; empty if
   * equal.
   */
  public List<String> differences(EmbeddingSpace other) {
    List<String> differences = new ArrayList<>();
    if (dimension != other.dimension) {
      differences.add("dimension: " + dimension + " / " + other.dimension);
    }
    TreeMap<String, String> names = new TreeMap<>(attributes);
    names.putAll(other.attributes);
    for (String name : names.keySet()) {
      String mine = attributes.getOrDefault(name, "(none)");
      String theirs = other.attributes.getOrDefault(name, "(none)");
      if (!mine.equals(theirs)) {
        differences.add(name + ": " + mine + " / " + theirs);
      }
    }
    return differences;
  }

  /**
   * Returns if {@code other} is this space.
   *
   * @param mine what has this space, for the message: "index docs/"
   * @param theirs what has the other: "encoder repllama"
   * @throws SpaceMismatchException naming each attribute that differs
   */
  public void requireSame(EmbeddingSpace other, String mine, String theirs) {
    List<String> differences = differences(other);
    if (!differences.isEmpty()) {
      throw new SpaceMismatchException(
          "vectors of "
              + mine
              + " and of "
              + theirs
              + " can't be compared; they differ in "
              + String.join("; ", differences));
    }
  }
}
