package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BehindQueriesTest {
  private static final int EXAMPLES = 200;

  private static final TrainingData<TrainingExample> ALONE =
      TrainingData.of(
          IntStream.range(0, EXAMPLES)
              .mapToObj(
                  i ->
                      new TrainingExample(
                          "q" + i,
                          "query " + i,
                          List.of(Passage.of("p" + i, "title " + i, "text " + i)),
                          List.of(Passage.of("n" + i, "", "other " + i)),
                          List.of(2f, 1f)))
              .toList());

  private static List<TrainingExample> epoch(int epoch) throws IOException {
    try (Stream<TrainingExample> all = BehindQueries.of(ALONE).epoch(3, epoch)) {
      return all.toList();
    }
  }

  @Test
  void halfOfThePassagesStandBehindTheQueryBefore() throws IOException {
    List<TrainingExample> examples = epoch(0);
    int behind = 0;
    for (int i = 0; i < EXAMPLES; i++) {
      TrainingExample example = examples.get(i);
      String number = example.id().substring(1);
      Passage positive = example.positives().get(0);
      assertEquals("title " + number + " text " + number, positive.text());
      assertEquals("other " + number, example.negatives().get(0).text());
      assertEquals(List.of(2f, 1f), example.teacherScores());
      if (!positive.title().isEmpty()) {
        behind++;
        assertEquals(examples.get(i - 1).query(), positive.title());
      }
    }
    assertTrue(behind > 70 && behind < 130, behind + " of " + EXAMPLES);
    assertEquals(EXAMPLES, BehindQueries.of(ALONE).size());
    assertNotEquals(ALONE.fingerprint(), BehindQueries.of(ALONE).fingerprint());
  }

  @Test
  void whichOnesIsDrawnAnewInEachEpochAndTheSameAgain() throws IOException {
    assertEquals(epoch(1), epoch(1));
    Set<String> first = behind(epoch(0));
    Set<String> both = behind(epoch(1));
    both.retainAll(first);
    // By chance a half of them again.
    assertTrue(both.size() < 0.75 * first.size(), both.size() + " of " + first.size());
  }

  private static Set<String> behind(List<TrainingExample> examples) {
    return examples.stream()
        .filter(example -> !example.positives().get(0).title().isEmpty())
        .map(TrainingExample::id)
        .collect(Collectors.toSet());
  }

  @Test
  void theRoleHasAPlaceForTheQuery() {
    Role role = BehindQueries.role(TinyModelRecipe.retriever());
    assertEquals(
        new RoleTemplate.Single(
            "query: {query}", "query: {title} passage: {text}", "passage: {text}"),
        role.template());
    assertEquals(new Role.Truncation(30, 95), role.truncation());
  }
}
