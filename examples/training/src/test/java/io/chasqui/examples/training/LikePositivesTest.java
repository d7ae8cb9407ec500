package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LikePositivesTest {
  private static TrainingExample query(String id, Passage positive, Passage... negatives) {
    return TrainingExample.of(id, "about " + id, List.of(positive), List.of(negatives));
  }

  private static TrainingExample only(TrainingData<TrainingExample> data) throws IOException {
    try (Stream<TrainingExample> all = data.epoch(3, 1)) {
      return all.findFirst().orElseThrow();
    }
  }

  @Test
  void negativesAreWhatTheyAreAsPositives() throws IOException {
    Passage part = Passage.of("a", "Stops it.");
    Passage other = Passage.of("b", "Returns: a thread.");
    TrainingData<TrainingExample> queries =
        TrainingData.of(List.of(query("q1", part), query("q2", other)));
    TrainingData<TrainingExample> mined =
        TrainingData.of(
            List.of(
                query(
                    "q1",
                    part,
                    Passage.of("b", "Makes a thread. Returns: a thread."),
                    Passage.of("c", "Nobody asks for this."))));

    LikePositives alike = LikePositives.of(mined, queries);
    TrainingExample example = only(alike);
    assertEquals(List.of(part), example.positives());
    assertEquals(List.of(other), example.negatives());
    assertEquals(1, alike.size());
    assertEquals(0, LikePositives.of(mined, TrainingData.of(List.of(query("q1", part)))).size());
    assertNotEquals(mined.fingerprint(), alike.fingerprint());
    assertNotEquals(LikePositives.of(mined, mined).fingerprint(), alike.fingerprint());
  }

  @Test
  void oneOfSeveralFormsIsTakenWhateverTheOrderOfTheFile() throws IOException {
    TrainingExample one = query("q1", Passage.of("a", "One form."));
    TrainingExample two = query("q2", Passage.of("a", "Another form."));
    TrainingData<TrainingExample> mined =
        TrainingData.of(
            List.of(query("q3", Passage.of("z", "It."), Passage.of("a", "Both forms."))));
    String first =
        only(LikePositives.of(mined, TrainingData.of(List.of(one, two)))).negatives().get(0).text();
    String second =
        only(LikePositives.of(mined, TrainingData.of(List.of(two, one)))).negatives().get(0).text();
    assertEquals(first, second);
    assertNotEquals("Both forms.", first);
  }

  @Test
  void aTeachersScoresStayWithTheirPassages() throws IOException {
    Passage part = Passage.of("a", "Stops it.");
    TrainingData<TrainingExample> queries =
        TrainingData.of(List.of(query("q1", part), query("q2", Passage.of("b", "A thread."))));
    TrainingExample taught =
        new TrainingExample(
            "q1",
            "about q1",
            List.of(part),
            List.of(
                Passage.of("c", "Nobody asks for this."), Passage.of("b", "Makes it. A thread.")),
            List.of(2f, -1f, -3f));
    TrainingExample example = only(LikePositives.of(TrainingData.of(List.of(taught)), queries));
    assertEquals(List.of("b"), example.negatives().stream().map(Passage::id).toList());
    assertEquals(List.of(2f, -3f), example.teacherScores());
  }
}
