package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Examples of which half name members without the types of their parameters: "Joiner.on" beside
 * "Joiner.on(String)". Texts elsewhere are titled in either way, and a model that has seen one
 * alone takes the other for something else. All passages of an example have the same way, so that
 * the way tells nothing. Immutable.
 */
final class BareTitles implements TrainingData<TrainingExample> {
  private final TrainingData<TrainingExample> titled;

  private BareTitles(TrainingData<TrainingExample> titled) {
    this.titled = titled;
  }

  static BareTitles of(TrainingData<TrainingExample> titled) {
    return new BareTitles(titled);
  }

  /** "Joiner.on" of "Joiner.on(String)". */
  static String bare(String title) {
    int types = title.indexOf('(');
    return types < 0 ? title : title.substring(0, types);
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return titled.epoch(seed, epoch).map(BareTitles::sometimes);
  }

  private static TrainingExample sometimes(TrainingExample example) {
    return Math.floorMod(Stages.hash(List.of(example.id())).hashCode(), 2) == 0
        ? new TrainingExample(
            example.id(),
            example.query(),
            bare(example.positives()),
            bare(example.negatives()),
            example.teacherScores())
        : example;
  }

  private static List<Passage> bare(List<Passage> passages) {
    return passages.stream().map(p -> Passage.of(p.id(), bare(p.title()), p.text())).toList();
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(List.of("bare titles", titled.fingerprint()));
  }

  @Override
  public long size() throws IOException {
    return titled.size();
  }
}
