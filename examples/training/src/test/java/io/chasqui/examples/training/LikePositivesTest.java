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
}
