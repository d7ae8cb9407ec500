package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Examples of which every second passage, drawn anew in each epoch, stands behind a query that is
 * not its own: that of the example before, whose passage it is a negative for. A retriever learns
 * from them that only what a passage's prompt begins counts, so the state that it ends a reranker's
 * prompt with is the passage's, although a query stands there as well. Immutable.
 *
 * <p>A passage's title holds the query, its text what was title and text: to be read under {@link
 * #role}.
 */
final class BehindQueries implements TrainingData<TrainingExample> {
  private final TrainingData<TrainingExample> alone;

  private BehindQueries(TrainingData<TrainingExample> alone) {
    this.alone = alone;
  }

  static BehindQueries of(TrainingData<TrainingExample> alone) {
    return new BehindQueries(alone);
  }

  /**
   * A retriever's role with room for a query before a passage; passages may have that much more
   * tokens.
   *
   * @param retriever whose passages' prompt puts title and text together
   */
  static Role role(Role retriever) {
    RoleTemplate.Single prompts = (RoleTemplate.Single) retriever.template();
    String passage = prompts.passageWithoutTitle();
    Role.Truncation limits = retriever.truncation();
    return retriever
        .withTemplate(
            new RoleTemplate.Single(
                prompts.query(),
                prompts.query().replace("{query}", "{title}") + " " + passage,
                passage))
        .withTruncation(new Role.Truncation(limits.query(), limits.passage() + limits.query() / 2));
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return alone.epoch(seed, epoch).sequential().map(new Placing(epoch));
  }

  /** Puts passages behind the query that came before. */
  private static final class Placing implements UnaryOperator<TrainingExample> {
    private final int epoch;
    private String before = "";

    Placing(int epoch) {
      this.epoch = epoch;
    }

    @Override
    public TrainingExample apply(TrainingExample example) {
      SplittableRandom random = new SplittableRandom(31L * example.id().hashCode() + epoch);
      TrainingExample placed =
          new TrainingExample(
              example.id(),
              example.query(),
              placed(example.positives(), random),
              placed(example.negatives(), random),
              example.teacherScores());
      before = example.query();
      return placed;
    }

    private List<Passage> placed(List<Passage> passages, SplittableRandom random) {
      return passages.stream()
          .map(
              passage ->
                  Passage.of(
                      passage.id(),
                      random.nextBoolean() ? before : "",
                      (passage.title() + " " + passage.text()).strip()))
          .toList();
    }
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(List.of("behind queries", alone.fingerprint()));
  }

  @Override
  public long size() throws IOException {
    return alone.size();
  }
}
