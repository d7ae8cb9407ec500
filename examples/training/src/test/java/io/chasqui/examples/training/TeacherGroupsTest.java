package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TeacherGroupsTest {
  private static final Passage SOURCE = Passage.of("source", "What the query is made of.");

  private static TrainingExample mined(float... scores) {
    List<Passage> negatives =
        IntStream.range(1, scores.length)
            .mapToObj(i -> Passage.of("n" + i, "Text " + i + "."))
            .toList();
    List<Float> teacher = IntStream.range(0, scores.length).mapToObj(i -> scores[i]).toList();
    return new TrainingExample("q", "it", List.of(SOURCE), negatives, teacher);
  }

  private static TrainingExample only(TrainingData<TrainingExample> data) throws IOException {
    try (Stream<TrainingExample> all = data.epoch(3, 1)) {
      return all.findFirst().orElseThrow();
    }
  }

  private static Map<String, Float> scores(TrainingExample example) {
    Map<String, Float> scores = new HashMap<>();
    scores.put(example.positives().get(0).id(), example.teacherScores().get(0));
    for (int i = 0; i < example.negatives().size(); i++) {
      scores.put(example.negatives().get(i).id(), example.teacherScores().get(i + 1));
    }
    return scores;
  }

  @Test
  void theSourceIsLeftOutAndTheTeachersBestTakesItsPlace() throws IOException {
    TrainingData<TrainingExample> taught = TrainingData.of(List.of(mined(9, 1, -1, 3, 2)));
    TrainingExample group = only(TeacherGroups.of(taught, List.of(SOURCE), 0));
    assertEquals("n3", group.positives().get(0).id());
    assertEquals(Map.of("n1", 1f, "n2", -1f, "n3", 3f, "n4", 2f), scores(group));
  }

  @Test
  void strangersComeAfterAllOthersAndNeverTwice() throws IOException {
    TrainingData<TrainingExample> taught = TrainingData.of(List.of(mined(9, 1, -1, 3, 2)));
    List<Passage> known =
        List.of(SOURCE, Passage.of("n2", "Text 2."), Passage.of("other", "Other."));
    TeacherGroups groups = TeacherGroups.of(taught, known, 30);
    Map<String, Float> scores = scores(only(groups));
    assertEquals(Map.of("n1", 1f, "n2", -1f, "n3", 3f, "n4", 2f, "other", -2f), scores);
    assertEquals(5, only(groups).teacherScores().size());
    assertNotEquals(groups.fingerprint(), TeacherGroups.of(taught, known, 3).fingerprint());
    assertNotEquals(groups.fingerprint(), taught.fingerprint());
    List<Passage> others = List.of(SOURCE, known.get(1), Passage.of("else", "Else."));
    assertNotEquals(groups.fingerprint(), TeacherGroups.of(taught, others, 30).fingerprint());
  }

  @Test
  void groupsOfFewTellTooLittle() throws IOException {
    TrainingData<TrainingExample> taught =
        TrainingData.of(List.of(mined(9, 1, 2), mined(9, 1, -1, 3, 2)));
    TeacherGroups groups = TeacherGroups.of(taught, List.of(SOURCE), 0);
    assertEquals(1, groups.size());
    assertTrue(only(groups).negatives().size() >= 3);
  }
}
