package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Deadline;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each test of the contract goes red on a scorer with the fault that it looks for. */
class BrokenScorersTest {
  private static final Scorer GOOD = new LexicalScorer();

  private static ScorerContract broken(Scorer scorer) {
    return () -> scorer;
  }

  private static ScorerContract textChanged(UnaryOperator<String> change) {
    return broken(
        (query, passages) ->
            GOOD.score(
                query,
                passages.stream().map(p -> Passage.of(p.id(), change.apply(p.text()))).toList()));
  }

  private static void red(Executable test) {
    assertThrows(AssertionError.class, test);
  }

  @Test
  void missingScores() {
    red(broken((q, p) -> GOOD.score(q, p.subList(1, p.size())))::thereIsOneScorePerPassage);
  }

  @Test
  void scoresThatDependOnTheBatch() {
    red(
        broken((q, p) -> GOOD.score("word ".repeat(p.size()) + p.size() + " " + q, p))
            ::aBatchGivesWhatSinglePassagesGive);
  }

  @Test
  void sortedButNotRestored() {
    red(
        broken(
                (q, p) ->
                    GOOD.score(q, p.stream().sorted(Comparator.comparing(Passage::text)).toList()))
            ::scoresFollowTheOrderOfThePassages);
    red(broken((q, p) -> Scores.of(new float[p.size()]))::scoresFollowTheOrderOfThePassages);
  }

  @Test
  void queriesThatDoNotCount() {
    red(broken((q, p) -> GOOD.score("llama", p))::theQueryDecidesWithThePassage);
  }

  @Test
  void emptyListThatGivesAScore() {
    red(broken((q, p) -> p.isEmpty() ? Scores.of(1f) : GOOD.score(q, p))::anEmptyListGivesNoScores);
  }

  @Test
  void oddTextsThatDisturbTheOthers() {
    red(
        broken((q, p) -> GOOD.score(p.stream().anyMatch(x -> x.text().isEmpty()) ? "" : q, p))
            ::oddTextsNeitherThrowNorDisturbTheOthers);
    red(
        broken((q, p) -> q.isBlank() ? Scores.of() : GOOD.score(q, p))
            ::oddTextsNeitherThrowNorDisturbTheOthers);
  }

  @Test
  void cutWithoutAFlag() {
    red(textChanged(t -> t.substring(0, Math.min(1000, t.length())))::aTextThatIsCutIsFlagged);
  }

  @Test
  void markupThatEndsTheText() {
    red(textChanged(t -> t.split("</s>", -1)[0])::markupOfTheModelIsOrdinaryText);
  }

  @Test
  void resultsThatDependOnOtherCalls() {
    AtomicInteger calls = new AtomicInteger();
    red(
        broken((q, p) -> GOOD.score(calls.incrementAndGet() % 5 == 0 ? "" : q, p))
            ::callsFromFourThreadsGiveTheSame);
  }

  @Test
  void deadlinesThatAreOverlooked() {
    Scorer deaf =
        new Scorer() {
          @Override
          public Scores score(String query, List<Passage> passages) {
            return GOOD.score(query, passages);
          }

          @Override
          public Scores score(String query, List<Passage> passages, Deadline deadline) {
            return GOOD.score(query, passages);
          }
        };
    red(broken(deaf)::aPassedDeadlineStopsTheCall);
  }
}
