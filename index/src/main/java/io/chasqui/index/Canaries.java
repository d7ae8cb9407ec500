package io.chasqui.index;

import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.SpaceMismatchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Texts with the vectors that an index's first encoder gave them. An encoder may call its space the
 * same and yet give other vectors (damaged weights, another version of a library, a bug): the
 * canaries tell. One handle's; thread-safe.
 */
final class Canaries {
  /**
   * Largest distance of a vector from the recorded one, relative to that one's length. Other
   * devices and number formats of the same weights are meant to stay well below, other weights are
   * about 1 away.
   */
  static final double TOLERANCE = 0.1;

  /** What is recorded; an index checks the texts that it recorded, whatever these become. */
  static final List<String> TEXTS =
      List.of(
          "A canary is a small yellow bird that miners took underground.",
          "Relay runners carried knotted cords along the roads of the Andes.",
          "def add(a, b):\n    return a + b",
          "The invoice of 17 March 2021 amounts to 1,234.56 euros.",
          "Wie hoch liegt der Titicacasee \u00fcber dem Meeresspiegel?",
          "\u6e56\u306f\u6a19\u9ad83812\u30e1\u30fc\u30c8\u30eb\u306b\u3042\u308b\u3002",
          "no",
          "Water boils at a lower temperature on a mountain than at the sea, since the air above it"
              + " weighs less; so potatoes take longer to cook there, and a pressure cooker, which"
              + " keeps the steam in, gives back the minutes that the altitude took.");

  private Map<String, float[]> fresh = Map.of();
  private boolean checked;

  /** Checks an encoder whatever was checked before. */
  synchronized void require(Encoder encoder, Manifest manifest, String index) {
    manifest.space().requireSame(encoder.space(), index, "the encoder");
    Map<String, float[]> known = toWrite(manifest);
    if (known.isEmpty()) {
      fresh = record(encoder);
    } else {
      compare(known, encoder, index);
    }
    checked = true;
  }

  /** Checks the first encoder that a handle meets; of later ones, their space. */
  synchronized void requireOnce(Encoder encoder, Manifest manifest, String index) {
    if (checked) {
      manifest.space().requireSame(encoder.space(), index, "the encoder");
    } else {
      require(encoder, manifest, index);
    }
  }

  /** What the next manifest records: what this one does, or else what was found meanwhile. */
  synchronized Map<String, float[]> toWrite(Manifest manifest) {
    return manifest.canaries().isEmpty() ? fresh : manifest.canaries();
  }

  /** Forgets what no manifest records yet. */
  synchronized void forget() {
    fresh = Map.of();
    checked = false;
  }

  private static Embeddings encode(Encoder encoder, Iterable<String> texts) {
    List<Passage> passages = new ArrayList<>();
    for (String text : texts) {
      passages.add(Passage.of("canary-" + passages.size(), text));
    }
    return encoder.encodePassages(passages);
  }

  private static Map<String, float[]> record(Encoder encoder) {
    Embeddings vectors = encode(encoder, TEXTS);
    Map<String, float[]> recorded = new LinkedHashMap<>();
    for (int i = 0; i < TEXTS.size(); i++) {
      if (vectors.failure(i).isEmpty()) {
        recorded.put(TEXTS.get(i), vectors.row(i));
      }
    }
    return recorded;
  }

  private static void compare(Map<String, float[]> known, Encoder encoder, String index) {
    Embeddings vectors = encode(encoder, known.keySet());
    int i = -1;
    for (Map.Entry<String, float[]> canary : known.entrySet()) {
      i++;
      String problem;
      if (vectors.failure(i).isPresent()) {
        problem = "fails: " + vectors.failure(i).get();
      } else {
        double distance = distance(canary.getValue(), vectors.row(i));
        if (distance <= TOLERANCE) {
          continue;
        }
        problem =
            String.format(
                Locale.ROOT, "has moved by %.3g of its length, more than %s", distance, TOLERANCE);
      }
      throw new SpaceMismatchException(
          "the encoder says that it has the space of "
              + index
              + ", but gives other vectors: that of \""
              + canary.getKey().lines().findFirst().orElse("")
              + "\" "
              + problem
              + ". Are its weights intact, and its libraries those that filled the index?");
    }
  }

  /** Distance of two vectors, relative to the first's length. */
  private static double distance(float[] recorded, float[] found) {
    double length = 0;
    double difference = 0;
    for (int i = 0; i < recorded.length; i++) {
      length += (double) recorded[i] * recorded[i];
      difference += ((double) recorded[i] - found[i]) * ((double) recorded[i] - found[i]);
    }
    return difference == 0 ? 0 : Math.sqrt(difference / length);
  }
}
