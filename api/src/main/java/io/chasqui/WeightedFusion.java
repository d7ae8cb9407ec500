package io.chasqui;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** {@link Fusion#weighted(Normalisation, Map)} and its variant by position. */
final class WeightedFusion implements Fusion {
  private final Normalisation normalisation;
  private final Optional<Map<String, Double>> byName;
  private final double[] byPosition;

  private WeightedFusion(
      Normalisation normalisation, Optional<Map<String, Double>> byName, double[] byPosition) {
    this.normalisation = Objects.requireNonNull(normalisation, "normalisation");
    this.byName = byName;
    this.byPosition = byPosition;
    double[] weights =
        byName
            .map(map -> map.values().stream().mapToDouble(Double::doubleValue).toArray())
            .orElse(byPosition);
    if (!DoubleStream.of(weights).allMatch(w -> Double.isFinite(w) && w >= 0)
        || DoubleStream.of(weights).noneMatch(w -> w > 0)) {
      throw new IllegalArgumentException(
          "weights must be finite and not negative, one of them positive: "
              + DoubleStream.of(weights).boxed().toList());
    }
  }

  static Fusion byName(Normalisation normalisation, Map<String, Double> weights) {
    return new WeightedFusion(normalisation, Optional.of(new TreeMap<>(weights)), new double[0]);
  }

  static Fusion byPosition(Normalisation normalisation, double... weights) {
    return new WeightedFusion(normalisation, Optional.empty(), weights.clone());
  }

  @Override
  public void requireStages(List<String> stages) {
    if (byName.isPresent()) {
      for (String name : byName.get().keySet()) {
        if (!stages.contains(name)) {
          throw new IllegalArgumentException(
              "there is a weight for stage \"" + name + "\", but the stages to fuse are " + stages);
        }
      }
    } else if (byPosition.length != stages.size()) {
      throw new IllegalArgumentException(
          byPosition.length + " weights for " + stages.size() + " stages to fuse: " + stages);
    }
  }

  @Override
  public Scores fuse(List<String> stages, List<ScoredPassage> candidates) {
    requireStages(stages);
    double[][] terms = new double[candidates.size()][stages.size()];
    for (int s = 0; s < stages.size(); s++) {
      double weight = weight(stages, s);
      double[] normal =
          weight > 0 ? normalise(stages.get(s), candidates) : new double[terms.length];
      for (int i = 0; i < terms.length; i++) {
        terms[i][s] = weight * normal[i];
      }
    }
    float[] fused = new float[terms.length];
    for (int i = 0; i < fused.length; i++) {
      fused[i] = (float) ReciprocalRankFusion.sum(terms[i]);
    }
    return Scores.of(fused);
  }

  private double weight(List<String> stages, int s) {
    return byName.map(map -> map.getOrDefault(stages.get(s), 0.0)).orElseGet(() -> byPosition[s]);
  }

  /** The stage's normalised score of each candidate, the lowest where it gave none. */
  private double[] normalise(String stage, List<ScoredPassage> candidates) {
    double[] seen =
        candidates.stream()
            .flatMap(c -> c.stage(stage).stream())
            .mapToDouble(StageScore::score)
            .sorted() // sums do not depend on the order of the candidates
            .toArray();
    double[] normal = new double[candidates.size()];
    if (seen.length == 0) {
      return normal;
    }
    double min = seen[0];
    double max = seen[seen.length - 1];
    if (Double.isInfinite(min) || Double.isInfinite(max)) {
      throw new IllegalArgumentException(
          "stage \"" + stage + "\" gave an infinite score, which has no place on a common scale");
    }
    double mean = DoubleStream.of(seen).average().orElseThrow();
    double sigma =
        Math.sqrt(DoubleStream.of(seen).map(s -> (s - mean) * (s - mean)).average().orElseThrow());
    for (int i = 0; i < normal.length; i++) {
      Optional<StageScore> score = candidates.get(i).stage(stage);
      normal[i] =
          switch (normalisation) {
            case MIN_MAX ->
                score.map(s -> max > min ? (s.score() - min) / (max - min) : 1.0).orElse(0.0);
            case Z_SCORE ->
                max > min ? (score.map(s -> (double) s.score()).orElse(min) - mean) / sigma : 0.0;
          };
    }
    return normal;
  }

  @Override
  public String toString() {
    return "Fusion.weighted("
        + normalisation
        + ", "
        + byName
            .<Object>map(weights -> weights)
            .orElseGet(() -> DoubleStream.of(byPosition).boxed().toList())
        + ")";
  }
}
