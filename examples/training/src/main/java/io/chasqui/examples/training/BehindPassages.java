package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Examples of which every third query, drawn anew in each epoch, stands behind a passage that is
 * not its own: that of the example before, which is a negative in the same batch. A retriever
 * learns from them that only what a query's prompt begins counts, so the state that it ends a
 * reranker's prompt with is the query's, although a passage stands there as well. Immutable.
 *
 * <p>Queries have their prompt in them: to be read under {@link #role}.
 */
final class BehindPassages implements TrainingData<TrainingExample> {
  /** Words of the passage, at most: they cost time, and most of what it is about stands there. */
  private static final int WORDS = 24;

  /** Tokens that those words may have. */
  private static final int ROOM = 48;

  private static final double SHARE = 1 / 3.0;

  private final TrainingData<TrainingExample> alone;
  private final RoleTemplate.Single prompts;

  private BehindPassages(TrainingData<TrainingExample> alone, RoleTemplate.Single prompts) {
    this.alone = alone;
    this.prompts = prompts;
  }

  /**
   * Those examples for this role.
   *
   * @param retriever whose prompts queries and passages get
   */
  static BehindPassages of(TrainingData<TrainingExample> alone, Role retriever) {
    return new BehindPassages(alone, (RoleTemplate.Single) retriever.template());
  }

  /** A retriever's role for queries that have their prompt in them, and for longer ones. */
  static Role role(Role retriever) {
    RoleTemplate.Single prompts = (RoleTemplate.Single) retriever.template();
    Role.Truncation limits = retriever.truncation();
    return retriever
        .withTemplate(
            new RoleTemplate.Single("{query}", prompts.passage(), prompts.passageWithoutTitle()))
        .withTruncation(new Role.Truncation(limits.query() + ROOM, limits.passage()));
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return alone.epoch(seed, epoch).sequential().map(new Placing(epoch));
  }

  /** Puts queries behind the passage that came before. */
  private final class Placing implements UnaryOperator<TrainingExample> {
    private final int epoch;
    private String before = "";

    Placing(int epoch) {
      this.epoch = epoch;
    }

    @Override
    public TrainingExample apply(TrainingExample example) {
      SplittableRandom random = new SplittableRandom(31L * example.id().hashCode() + epoch);
      boolean behind = random.nextDouble() < SHARE && !before.isEmpty();
      String query = prompts.query().replace("{query}", example.query());
      TrainingExample placed =
          new TrainingExample(
              example.id(),
              behind ? before + " " + query : query,
              example.positives(),
              example.negatives(),
              example.teacherScores());
      before = passage(prompts, example.positives().get(0), WORDS);
      return placed;
    }
  }

  /** The beginning of a passage's prompt, so many words. */
  static String passage(RoleTemplate.Single prompts, Passage passage, int words) {
    String text =
        prompts
            .passageWithoutTitle()
            .replace("{text}", (passage.title() + " " + passage.text()).strip());
    return Arrays.stream(text.split(" ", -1)).limit(words).collect(Collectors.joining(" "));
  }

  /** A query's prompt behind the beginning of a passage's. */
  static String behind(RoleTemplate.Single prompts, Passage before, String query) {
    return passage(prompts, before, WORDS) + " " + prompts.query().replace("{query}", query);
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(List.of("behind passages", alone.fingerprint(), prompts.toString()));
  }

  @Override
  public long size() throws IOException {
    return alone.size();
  }
}
