package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.Ranking;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HybridTeacherTest {
  @TempDir Path scratch;

  private static Passage passage(String id) {
    return Passage.of(id, "the text of " + id);
  }

  private static ScoredPassage hit(String id, float score) {
    return ScoredPassage.of(passage(id), score);
  }

  /**
   * Scores 3, 2, 1 have mean 2 and deviation √(2/3); what only the other retriever found is as low
   * as the last.
   */
  @Test
  void standardScoresOfBothAreAddedUp() throws IOException {
    Retriever words = request -> List.of(hit("a", 3), hit("b", 2), hit("c", 1));
    Retriever vectors = request -> List.of(hit("c", 0.9f), hit("a", 0.5f), hit("d", 0.1f));
    TrainingExample example =
        new TrainingExample(
            "q",
            "what",
            List.of(passage("a")),
            List.of(passage("b"), passage("c"), passage("d")),
            List.of());
    TrainingData<TrainingExample> mined = TrainingData.of(List.of(example));
    Path file = scratch.resolve("teacher.trec");
    new HybridTeacher(words, vectors).write(mined, file);

    Ranking ranking = TrecFiles.readRun(file).ranking("q");
    Map<String, Double> scores = new HashMap<>();
    for (int i = 0; i < ranking.size(); i++) {
      scores.put(ranking.id(i), ranking.score(i));
    }
    double one = 1.5 * Math.sqrt(1.5);
    assertEquals(one, scores.get("a"), 1e-6);
    assertEquals(-one, scores.get("b"), 1e-6);
    assertEquals(0, scores.get("c"), 1e-6);
    assertEquals(-2 * one, scores.get("d"), 1e-6);

    try (Stream<TrainingExample> taught = TrainingFiles.withTeacher(mined, file).epoch(0, 0)) {
      assertEquals(4, taught.findFirst().orElseThrow().teacherScores().size());
    }
  }
}
