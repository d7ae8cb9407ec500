package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Filter;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each test of the contract goes red on a search with the fault that it looks for. */
class BrokenVectorSearchesTest {
  @FunctionalInterface
  private interface Search {
    List<ScoredPassage> search(
        VectorSearch good, float[] vector, int k, Filter filter, Deadline deadline);
  }

  private static VectorSearchContract broken(Search search) {
    return (space, passages, vectors) -> {
      VectorSearch good = InMemoryVectorSearch.of(space, passages, vectors);
      return new VectorSearch() {
        @Override
        public EmbeddingSpace space() {
          return EmbeddingSpace.named("other", space.dimension());
        }

        @Override
        public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
          return search.search(good, vector, k, filter, deadline);
        }
      };
    };
  }

  private static void red(Executable test) {
    assertThrows(AssertionError.class, test);
  }

  @Test
  void anotherSpace() {
    red(broken((good, v, k, f, d) -> List.of())::theSpaceIsKept);
  }

  @Test
  void missedNeighboursAndInventedScores() {
    red(
        broken((good, v, k, f, d) -> good.search(v, k + 1, f, d).stream().skip(1).limit(k).toList())
            ::hitsAndScoresAreThoseOfAnExactSearch);
    red(
        broken(
                (good, v, k, f, d) ->
                    good.search(v, k, f, d).stream()
                        .map(hit -> hit.withScore(hit.score() + 0.01f))
                        .toList())
            ::hitsAndScoresAreThoseOfAnExactSearch);
    red(
        broken(
                (good, v, k, f, d) ->
                    good.search(v, k, f, d).stream()
                        .map(
                            hit ->
                                ScoredPassage.of(hit.passage().withDocumentId("lost"), hit.score()))
                        .toList())
            ::hitsAndScoresAreThoseOfAnExactSearch);
  }

  @Test
  void filtersThatAreOverlookedOrComeTooLate() {
    red(
        broken((good, v, k, f, d) -> good.search(v, k, Filter.all(), d))
            ::aFilterIsNeverViolatedAndTheAnswerIsFull);
    red(
        broken(
                (good, v, k, f, d) ->
                    good.search(v, k, Filter.all(), d).stream()
                        .filter(hit -> f.matches(hit.passage().metadata()))
                        .toList())
            ::aFilterIsNeverViolatedAndTheAnswerIsFull);
  }

  @Test
  void tiesInAnyOrder() {
    red(
        broken(
                (good, v, k, f, d) ->
                    good.search(v, k, f, d).stream()
                        .sorted(
                            (a, b) ->
                                Float.compare(b.score(), a.score()) == 0
                                    ? b.id().compareTo(a.id())
                                    : Float.compare(b.score(), a.score()))
                        .toList())
            ::tiesAreOrderedById);
  }

  @Test
  void hitsFromNowhere() {
    red(
        broken((good, v, k, f, d) -> List.of(ScoredPassage.of(Samples.passages().get(0), 1f)))
            ::nothingIsFoundInNothing);
  }

  @Test
  void queriesThatAreNone() {
    red(
        broken((good, v, k, f, d) -> good.search(Arrays.copyOf(v, 16), k, f, d))
            ::aQueryThatIsNoneIsRefused);
    red(
        broken((good, v, k, f, d) -> good.search(v, Math.max(1, k), f, d))
            ::aQueryThatIsNoneIsRefused);
    red(
        broken(
                (good, v, k, f, d) -> {
                  float[] copy = v.clone();
                  for (int i = 0; i < copy.length; i++) {
                    copy[i] = Float.isFinite(copy[i]) ? copy[i] : 0;
                  }
                  return good.search(copy, k, f, d);
                })
            ::aQueryThatIsNoneIsRefused);
  }

  @Test
  void resultsThatDependOnOtherCalls() {
    AtomicInteger calls = new AtomicInteger();
    red(
        broken((good, v, k, f, d) -> good.search(v, calls.incrementAndGet() % 4 == 0 ? 1 : k, f, d))
            ::searchesOnFourThreadsGiveTheSame);
  }

  @Test
  void deadlinesThatAreOverlooked() {
    red(
        broken((good, v, k, f, d) -> good.search(v, k, f, Deadline.none()))
            ::aPassedDeadlineStopsTheSearch);
  }
}
