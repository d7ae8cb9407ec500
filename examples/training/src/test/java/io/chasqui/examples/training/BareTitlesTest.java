package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BareTitlesTest {
  private static List<TrainingExample> all(TrainingData<TrainingExample> data, int epoch)
      throws IOException {
    try (Stream<TrainingExample> all = data.epoch(1, epoch)) {
      return all.toList();
    }
  }

  @Test
  void typesAreWhatFollowsTheName() {
    assertEquals("Joiner.on", BareTitles.bare("Joiner.on(String)"));
    assertEquals("Joiner", BareTitles.bare("Joiner"));
  }

  @Test
  void halfOfTheExamplesAreBareWithAllTheirPassages() throws IOException {
    List<TrainingExample> examples =
        IntStream.range(0, 400)
            .mapToObj(
                i ->
                    new TrainingExample(
                        "q" + i,
                        "stop it",
                        List.of(Passage.of("p" + i, "A.stop(int)", "Stops it.")),
                        List.of(Passage.of("n" + i, "B.go(long)", "Goes.")),
                        List.of(2f, 1f)))
            .toList();
    TrainingData<TrainingExample> titled = TrainingData.of(examples);
    BareTitles bare = BareTitles.of(titled);
    List<TrainingExample> found = all(bare, 0);
    long without = 0;
    for (TrainingExample example : found) {
      boolean isBare = example.positives().get(0).title().equals("A.stop");
      assertEquals(isBare ? "A.stop" : "A.stop(int)", example.positives().get(0).title());
      assertEquals(isBare ? "B.go" : "B.go(long)", example.negatives().get(0).title());
      assertEquals("Goes.", example.negatives().get(0).text());
      assertEquals(List.of(2f, 1f), example.teacherScores());
      without += isBare ? 1 : 0;
    }
    assertTrue(without > 150 && without < 250, without + " of 400");
    assertEquals(titled.size(), bare.size());
    assertNotEquals(titled.fingerprint(), bare.fingerprint());
  }
}
