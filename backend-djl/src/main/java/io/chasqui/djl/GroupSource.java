package io.chasqui.djl;

import io.chasqui.Passage;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.PromptEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Examples as groups of ids: one positive and some negatives are drawn anew in each epoch, by a
 * seed of the example's own place, so that a run that goes on draws what it would have drawn.
 *
 * @param passages candidates per group, fewer where an example has fewer negatives
 * @param needsTeacher whether an example without teacher scores is an error
 */
record GroupSource(
    TrainingData<TrainingExample> examples,
    PromptEncoder prompts,
    int passages,
    boolean needsTeacher)
    implements ItemSource<TrainingGroup> {

  @Override
  public Stream<Supplier<TrainingGroup>> epoch(long seed, int epoch) throws IOException {
    AtomicLong place = new AtomicLong();
    long epochSeed = Seeds.mix(seed, epoch);
    return examples
        .epoch(seed, epoch)
        .sequential()
        .map(
            example -> {
              long own = Seeds.mix(epochSeed, place.getAndIncrement());
              return () -> group(example, new SplittableRandom(own));
            });
  }

  private TrainingGroup group(TrainingExample example, SplittableRandom random) {
    if (needsTeacher && example.teacherScores().isEmpty()) {
      throw new TrainingException("query " + example.id() + " has no teacher scores to learn from");
    }
    List<Passage> drawn = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    int positive = random.nextInt(example.positives().size());
    add(example, positive, drawn, scores);
    int positives = example.positives().size();
    int[] order = new int[example.negatives().size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int i = 0; i < Math.min(passages - 1, order.length); i++) {
      int j = i + random.nextInt(order.length - i);
      int swapped = order[j];
      order[j] = order[i];
      order[i] = swapped;
      add(example, positives + swapped, drawn, scores);
    }
    float[] teacher = new float[scores.size()];
    for (int i = 0; i < teacher.length; i++) {
      teacher[i] = scores.get(i);
    }
    return tokens(example.query(), drawn, teacher);
  }

  private static void add(
      TrainingExample example, int index, List<Passage> drawn, List<Float> scores) {
    int positives = example.positives().size();
    drawn.add(
        index < positives
            ? example.positives().get(index)
            : example.negatives().get(index - positives));
    if (!example.teacherScores().isEmpty()) {
      scores.add(example.teacherScores().get(index));
    }
  }

  private TrainingGroup tokens(String query, List<Passage> drawn, float[] teacher) {
    if (prompts.role().isScorer()) {
      List<int[]> pairs = prompts.pairs(query, drawn).stream().map(pair -> pair.ids()).toList();
      return new TrainingGroup(new int[0], pairs, teacher);
    }
    List<int[]> ids = drawn.stream().map(passage -> prompts.passage(passage).ids()).toList();
    return new TrainingGroup(prompts.query(query).ids(), ids, teacher);
  }

  @Override
  public long size() throws IOException {
    return examples.size();
  }

  @Override
  public String fingerprint() throws IOException {
    return examples.fingerprint();
  }
}
