package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Compares what two bundles give for the same texts. */
final class ExportProbe {
  /** Of the largest value; the same operators give about 1e-7. */
  static final double TOLERANCE = 1e-5;

  private static final List<String> QUERIES =
      List.of("how do tides rise", "x", "Wer z\u00E4hlt die Schiffe? \u65E5\u672C 42");

  private static final List<Passage> PASSAGES =
      List.of(
          Passage.of(
              "0", "Sea", "Tides rise twice a day because the moon pulls the near side more."),
          Passage.of("1", "Bake it."),
          Passage.of("2", "", "{\"key\": [1, 2.5, null]} // caf\u00E9 \uD83D\uDE00"),
          Passage.of("3", "Cut", "the keeper counts the ships. ".repeat(400)));

  private ExportProbe() {}

  /**
   * What was compared.
   *
   * @param largestDifference relative to the largest value, or to 1 if that is smaller
   */
  record Report(int texts, double largestDifference) {}

  /**
   * Compares a role.
   *
   * @throws BackendException if the two differ by more than {@link #TOLERANCE}
   */
  static Report compare(ModelBundle source, ModelBundle exported, String role) throws IOException {
    List<float[]> expected = outputs(source.withOnly(role), role);
    List<float[]> found = outputs(exported, role);
    double worst = 0;
    for (int i = 0; i < expected.size(); i++) {
      double difference = difference(expected.get(i), found.get(i));
      if (!(difference <= TOLERANCE)) {
        throw new BackendException(
            "the export of role "
                + role
                + " is not published: for probe "
                + i
                + " it gives values that differ from its source's by "
                + difference
                + ", more than "
                + TOLERANCE,
            false);
      }
      worst = Math.max(worst, difference);
    }
    return new Report(expected.size(), worst);
  }

  private static List<float[]> outputs(ModelBundle bundle, String role) throws IOException {
    List<float[]> rows = new ArrayList<>();
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      if (bundle.role(role).isScorer()) {
        Scorer scorer = session.scorer(role);
        for (String query : QUERIES) {
          Scores scores = scorer.score(query, PASSAGES);
          for (int i = 0; i < PASSAGES.size(); i++) {
            rows.add(new float[] {scores.score(i)});
          }
        }
      } else {
        Encoder encoder = session.encoder(role);
        add(encoder.encodeQueries(QUERIES), rows);
        add(encoder.encodePassages(PASSAGES), rows);
      }
    }
    return rows;
  }

  private static void add(Embeddings embeddings, List<float[]> rows) {
    for (int i = 0; i < embeddings.size(); i++) {
      rows.add(embeddings.row(i));
    }
  }

  private static double difference(float[] expected, float[] found) {
    if (expected.length != found.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 1;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs((double) expected[i] - found[i]));
      if (Float.isNaN(expected[i]) || Float.isNaN(found[i])) {
        return Double.NaN;
      }
    }
    return worst / largest;
  }
}
