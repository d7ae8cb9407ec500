package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Document;
import io.chasqui.evaluation.BeirFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommonsQuestionsTest {
  @TempDir Path scratch;

  @Test
  void allOverloadsAnswerAndQuestionsWithoutAnAnswerAreLeftOut() throws IOException {
    Path data = Files.createDirectories(scratch.resolve("data"));
    BeirFolder.writeCorpus(
        data.resolve("corpus.jsonl"),
        List.of(
                Document.of("commons-lang3:a(int)", "StringUtils.leftPad(String, int)", "Pads."),
                Document.of(
                    "commons-lang3:a(char)", "StringUtils.leftPad(String, int, char)", "P."),
                Document.of("commons-lang3:b", "StringUtils.repeat(char, int)", "Repeats."),
                Document.of("joda-time:c", "StringUtils.leftPad(String)", "Another library's."))
            .iterator());
    Files.writeString(data.resolve("queries.jsonl"), "");
    Path target = Files.createDirectories(scratch.resolve("questions"));

    CommonsQuestions.write(BeirFolder.open(data), target);

    assertEquals(2, Files.readAllLines(target.resolve("queries.jsonl")).size());
    BeirFolder questions = BeirFolder.open(target);
    Map<String, String> texts = questions.queryTexts("test");
    assertEquals(
        Set.of(
            "pad a string on the left with zeros until it is long enough", "repeat a text n times"),
        Set.copyOf(texts.values()));
    String pad =
        texts.keySet().stream()
            .filter(id -> texts.get(id).startsWith("pad"))
            .findFirst()
            .orElse("");
    assertEquals(
        Set.of("commons-lang3:a(int)", "commons-lang3:a(char)"),
        questions.qrels("test").judgements(pad).keySet());
    assertEquals("StringUtils.leftPad", TrainingSteps.passages(questions).get(0).title());
    assertEquals(3, TrainingSteps.passages(questions).size());
  }
}
