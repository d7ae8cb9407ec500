package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Mined examples whose negatives look as positives do. A positive is a text without the sentence
 * that its query was made of; a mined negative is a whole text. A reranker that is shown both finds
 * out which texts lack a sentence, and nothing else. Here a negative is what the same passage is as
 * the positive of one of its own queries; one that has none is left out. Immutable.
 */
final class LikePositives implements TrainingData<TrainingExample> {
  private final TrainingData<TrainingExample> mined;
  private final TrainingData<TrainingExample> queries;
  private final Map<String, List<Passage>> forms;

  private LikePositives(
      TrainingData<TrainingExample> mined,
      TrainingData<TrainingExample> queries,
      Map<String, List<Passage>> forms) {
    this.mined = mined;
    this.queries = queries;
    this.forms = forms;
  }

  /**
   * Mined examples in that form.
   *
   * @param queries all queries with their positives, which are kept in memory
   */
  static LikePositives of(
      TrainingData<TrainingExample> mined, TrainingData<TrainingExample> queries)
      throws IOException {
    Map<String, List<Passage>> forms = new HashMap<>();
    try (Stream<TrainingExample> all = queries.epoch(0, 0)) {
      all.flatMap(example -> example.positives().stream())
          .forEach(
              passage -> forms.computeIfAbsent(passage.id(), id -> new ArrayList<>()).add(passage));
    }
    // In the order of their texts, not of a shuffled file.
    forms.values().forEach(list -> list.sort((a, b) -> a.text().compareTo(b.text())));
    return new LikePositives(mined, queries, forms);
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return mined.epoch(seed, epoch).map(this::alike);
  }

  private TrainingExample alike(TrainingExample example) {
    List<Passage> negatives = new ArrayList<>();
    for (Passage negative : example.negatives()) {
      List<Passage> own = forms.getOrDefault(negative.id(), List.of());
      if (!own.isEmpty()) {
        SplittableRandom random =
            new SplittableRandom(31L * example.id().hashCode() + negative.id().hashCode());
        negatives.add(own.get(random.nextInt(own.size())));
      }
    }
    return TrainingExample.of(example.id(), example.query(), example.positives(), negatives);
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(List.of("like positives", mined.fingerprint(), queries.fingerprint()));
  }

  @Override
  public long size() throws IOException {
    return mined.size();
  }
}
