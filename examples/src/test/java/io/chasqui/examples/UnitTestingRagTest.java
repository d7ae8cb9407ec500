package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.Scores;
import io.chasqui.examples.RagAnswerer.Answer;
import io.chasqui.examples.RagAnswerer.LanguageModel;
import io.chasqui.examples.RagAnswerer.Options;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A RAG component tested in milliseconds: no model, no index, no network. */
class UnitTestingRagTest {
  private static final Passage KETTLE =
      Passage.of("kettle", "Kettle", "Switches itself off when the water boils.");
  private static final Passage TEAPOT = Passage.of("teapot", "", "Keeps tea warm for an hour.");
  private static final LanguageModel SILENT = prompt -> fail("nobody was to ask the model");

  /** Every verb has one abstract method: a lambda is a fake. */
  @Test
  void theAnswerNamesThePassagesThatItCites() {
    Retriever search =
        request -> List.of(ScoredPassage.of(KETTLE, 2f), ScoredPassage.of(TEAPOT, 1f));
    LanguageModel model = prompt -> "An hour [2], if the lid is on [2][7].";

    Answer answer =
        new RagAnswerer(search, model, Options.defaults()).answer("how long does tea stay warm");

    assertEquals("An hour [2], if the lid is on [2][7].", answer.text());
    assertEquals(List.of(TEAPOT), answer.cited());
  }

  @Test
  void thePromptHoldsNumberedPassagesAndTheQuestion() {
    List<String> prompts = new ArrayList<>();
    Retriever search =
        request -> List.of(ScoredPassage.of(KETTLE, 2f), ScoredPassage.of(TEAPOT, 1f));
    LanguageModel model =
        prompt -> {
          prompts.add(prompt);
          return "";
        };

    new RagAnswerer(search, model, Options.defaults()).answer(" does it boil over? ");

    assertEquals(1, prompts.size());
    assertTrue(
        prompts
            .get(0)
            .endsWith(
                """
                [1] Kettle: Switches itself off when the water boils.
                [2] Keeps tea warm for an hour.

                Question: does it boil over?
                Answer:"""),
        prompts.get(0));
  }

  @Test
  void withoutPassagesTheModelIsNotAsked() {
    Answer answer = new RagAnswerer(request -> List.of(), SILENT, Options.defaults()).answer("?");
    assertEquals(List.of(), answer.cited());
  }

  @Test
  void passagesThatNoLongerFitAreLeftOutWhole() {
    Retriever search =
        request -> List.of(ScoredPassage.of(KETTLE, 2f), ScoredPassage.of(TEAPOT, 1f));
    Answer answer =
        new RagAnswerer(search, prompt -> "[1] [2]", Options.defaults().withMaxCharacters(30))
            .answer("?");
    assertEquals(List.of(TEAPOT), answer.cited());
  }

  /** The component gets a whole pipeline here: the reranker decides what comes first. */
  @Test
  void theRerankerDecidesWhichPassageIsNumberOne() {
    Retriever search =
        request -> List.of(ScoredPassage.of(KETTLE, 2f), ScoredPassage.of(TEAPOT, 1f));
    Reranker longestFirst =
        Reranker.of(
            (query, passages) -> {
              float[] scores = new float[passages.size()];
              for (int i = 0; i < scores.length; i++) {
                scores[i] = passages.get(i).text().contains(query) ? 1f : 0f;
              }
              return Scores.of(scores);
            });
    Pipeline pipeline = Pipeline.of(search).rerank(longestFirst, 10);

    Answer answer =
        new RagAnswerer(pipeline, prompt -> "See [1].", Options.defaults()).answer("warm");

    assertEquals(List.of(TEAPOT), answer.cited());
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> Options.defaults().withPassages(0));
  }
}
