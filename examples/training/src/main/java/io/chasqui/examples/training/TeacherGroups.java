package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Mined examples without the passage that their query was made of: what is left are whole texts
 * that a teacher orders, as a reranker meets them. Their best by the teacher takes the positive's
 * place.
 *
 * <p>A query that was cut out of a text tells its own text from others by what is missing there, or
 * by what is repeated there if the text stays whole; neither has anything to do with real
 * questions. What others answer of it does. Immutable.
 */
final class TeacherGroups implements TrainingData<TrainingExample> {
  private static final int SMALLEST = 4;

  /** A teacher's logit of a stranger, below the lowest of the mined ones. */
  private static final float BELOW = 1;

  private final TrainingData<TrainingExample> taught;
  private final List<Passage> known;
  private final int strangers;

  private TeacherGroups(TrainingData<TrainingExample> taught, List<Passage> known, int strangers) {
    this.taught = taught;
    this.known = known;
    this.strangers = strangers;
  }

  /**
   * Those examples as groups.
   *
   * @param taught with a teacher's score for each passage
   * @param known passages of which strangers are drawn
   * @param strangers passages drawn at random that each group gets besides
   */
  static TeacherGroups of(
      TrainingData<TrainingExample> taught, List<Passage> known, int strangers) {
    return new TeacherGroups(taught, List.copyOf(known), strangers);
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return taught
        .epoch(seed, epoch)
        .filter(example -> example.negatives().size() >= SMALLEST)
        .map(this::group);
  }

  private TrainingExample group(TrainingExample example) {
    int left = example.positives().size();
    List<Passage> passages = new ArrayList<>(example.negatives());
    List<Float> scores =
        new ArrayList<>(example.teacherScores().subList(left, example.teacherScores().size()));
    int best =
        IntStream.range(0, scores.size())
            .reduce(0, (a, b) -> scores.get(b) > scores.get(a) ? b : a);
    Collections.swap(passages, 0, best);
    Collections.swap(scores, 0, best);
    float lowest = Collections.min(scores);
    Set<String> ids = new HashSet<>();
    Stream.concat(example.positives().stream(), passages.stream()).forEach(p -> ids.add(p.id()));
    SplittableRandom random = new SplittableRandom(31L * example.id().hashCode());
    for (int i = 0; i < strangers; i++) {
      Passage stranger = known.get(random.nextInt(known.size()));
      if (ids.add(stranger.id())) {
        passages.add(stranger);
        scores.add(lowest - BELOW);
      }
    }
    return new TrainingExample(
        example.id(),
        example.query(),
        passages.subList(0, 1),
        passages.subList(1, passages.size()),
        scores);
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(
        List.of(
            "teacher groups",
            taught.fingerprint(),
            Stages.hash(known.stream().flatMap(p -> Stream.of(p.id(), p.text())).toList()),
            "" + strangers));
  }

  @Override
  public long size() throws IOException {
    try (Stream<TrainingExample> all = epoch(0, 0)) {
      return all.count();
    }
  }
}
