package io.chasqui;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An encoder of which the first so many numbers are kept, brought to unit length. A view. */
final class CutEncoder implements Encoder {
  private static final String ATTRIBUTE = "cut";

  private final Encoder encoder;
  private final EmbeddingSpace space;

  CutEncoder(Encoder encoder, int dimensions) {
    EmbeddingSpace whole = encoder.space();
    if (dimensions < 1 || dimensions > whole.dimension()) {
      throw new IllegalArgumentException(
          "dimensions must lie between 1 and " + whole.dimension() + ": " + dimensions);
    }
    Map<String, String> attributes = new TreeMap<>(whole.attributes());
    attributes.put(ATTRIBUTE, dimensions + " of " + whole.dimension());
    this.encoder = encoder;
    this.space = new EmbeddingSpace(dimensions, attributes);
  }

  @Override
  public EmbeddingSpace space() {
    return space;
  }

  @Override
  public Encoder withInstruction(String instruction) {
    return new CutEncoder(encoder.withInstruction(instruction), space.dimension());
  }

  @Override
  public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
    return cut(encoder.encodeQueries(queries, deadline));
  }

  @Override
  public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
    return cut(encoder.encodePassages(passages, deadline));
  }

  private Embeddings cut(Embeddings whole) {
    int kept = space.dimension();
    float[] values = new float[Math.multiplyExact(whole.size(), kept)];
    float[] row = new float[whole.dimension()];
    BitSet truncated = new BitSet();
    Map<Integer, String> failures = new HashMap<>();
    for (int i = 0; i < whole.size(); i++) {
      truncated.set(i, whole.isTruncated(i));
      if (whole.failure(i).isPresent()) {
        failures.put(i, whole.failure(i).get());
        continue;
      }
      whole.copyRow(i, row, 0);
      double squares = 0;
      for (int j = 0; j < kept; j++) {
        squares += (double) row[j] * row[j];
      }
      if (squares == 0) {
        failures.put(i, "the first " + kept + " numbers of its vector are zero");
        continue;
      }
      double scale = 1 / Math.sqrt(squares);
      for (int j = 0; j < kept; j++) {
        values[i * kept + j] = (float) (row[j] * scale);
      }
    }
    return Embeddings.of(kept, values, truncated, failures);
  }

  @Override
  public String toString() {
    return encoder + " cut to " + space.dimension() + " dimensions";
  }
}
