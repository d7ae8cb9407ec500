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

final class BehindPassagesTest {
  private static final int EXAMPLES = 200;

  private static final TrainingData<TrainingExample> ALONE =
      TrainingData.of(
          IntStream.range(0, EXAMPLES)
              .mapToObj(
                  i ->
                      new TrainingExample(
                          "q" + i,
                          "question " + i,
                          List.of(Passage.of("p" + i, "title " + i, "text " + i)),
                          List.of(Passage.of("n" + i, "", "other " + i)),
                          List.of(2f, 1f)))
              .toList());

  private static final BehindPassages BEHIND =
      BehindPassages.of(ALONE, TinyModelRecipe.retriever());

  private static List<TrainingExample> epoch(int epoch) throws IOException {
    try (Stream<TrainingExample> all = BEHIND.epoch(3, epoch)) {
      return all.toList();
    }
  }

  @Test
  void aThirdOfTheQueriesStandBehindThePassageBefore() throws IOException {
    List<TrainingExample> examples = epoch(0);
    int behind = 0;
    for (int i = 0; i < EXAMPLES; i++) {
      TrainingExample example = examples.get(i);
      String number = example.id().substring(1);
      assertEquals(
          Passage.of("p" + number, "title " + number, "text " + number),
          example.positives().get(0));
      assertEquals("other " + number, example.negatives().get(0).text());
      assertEquals(List.of(2f, 1f), example.teacherScores());
      String alone = "query: question " + number;
      if (!example.query().equals(alone)) {
        behind++;
        String before = examples.get(i - 1).id().substring(1);
        assertEquals("passage: title " + before + " text " + before + " " + alone, example.query());
      }
    }
    assertTrue(behind > 40 && behind < 93, behind + " of " + EXAMPLES);
    assertEquals(EXAMPLES, BEHIND.size());
    assertNotEquals(ALONE.fingerprint(), BEHIND.fingerprint());
  }

  @Test
  void whichOnesIsDrawnAnewInEachEpochAndTheSameAgain() throws IOException {
    assertEquals(epoch(1), epoch(1));
    Set<String> first = behind(epoch(0));
    Set<String> both = behind(epoch(1));
    both.retainAll(first);
    // By chance a third of them again.
    assertTrue(both.size() < 0.6 * first.size(), both.size() + " of " + first.size());
  }

  private static Set<String> behind(List<TrainingExample> examples) {
    return examples.stream()
        .filter(example -> example.query().startsWith("passage: "))
        .map(TrainingExample::id)
        .collect(Collectors.toSet());
  }

  @Test
  void onlyThePassagesBeginningStandsThere() {
    RoleTemplate.Single prompts = (RoleTemplate.Single) TinyModelRecipe.retriever().template();
    Passage passage = Passage.of("p", "t", "word ".repeat(60).strip());
    assertEquals(
        "passage: t " + "word ".repeat(22) + "query: why",
        BehindPassages.behind(prompts, passage, "why"));
  }

  @Test
  void theRoleHasRoomForThePassage() {
    Role role = BehindPassages.role(TinyModelRecipe.retriever());
    assertEquals(
        new RoleTemplate.Single("{query}", "passage: {title} {text}", "passage: {text}"),
        role.template());
    assertEquals(new Role.Truncation(78, 80), role.truncation());
  }
}
