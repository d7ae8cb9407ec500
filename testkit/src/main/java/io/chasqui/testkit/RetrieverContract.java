package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Retriever} must do: a test class that implements this interface runs these
 * tests.
 */
public interface RetrieverContract {
  /** A retriever over these passages: a new one, or the same for the same passages. */
  Retriever retriever(List<Passage> passages);

  private List<ScoredPassage> ask(SearchRequest request) {
    return retriever(Samples.passages()).retrieve(request);
  }

  @Test
  default void hitsAreBestFirstAndNoneTwice() {
    for (int k = 1; k <= Samples.TEXTS.size(); k++) {
      List<ScoredPassage> hits = ask(SearchRequest.of(Samples.QUERY, k));
      Rankings.assertRanking(hits, k, Samples.passages());
      assertFalse(hits.isEmpty(), "nothing found by: " + Samples.QUERY);
    }
  }

  @Test
  default void kMayExceedWhatThereIs() {
    Rankings.assertRanking(
        ask(SearchRequest.of(Samples.QUERY, 10_000)), 10_000, Samples.passages());
  }

  @Test
  default void noHitIsRefusedByTheFilter() {
    SearchRequest request = SearchRequest.of(Samples.QUERY, 5);
    for (String parity : List.of("even", "odd")) {
      Filter filter = Filter.eq("parity", parity);
      List<ScoredPassage> hits = ask(request.withFilter(filter));
      Rankings.assertRanking(hits, 5, Samples.passages());
      assertTrue(hits.stream().allMatch(hit -> filter.matches(hit.passage().metadata())));
    }
    assertEquals(List.of(), ask(request.withFilter(Filter.exists("nothing has this"))));
  }

  @Test
  default void aFilterMakesRoomForHitsFurtherDown() {
    // The best hit without a filter is refused; the others move up.
    List<ScoredPassage> all = ask(SearchRequest.of(Samples.QUERY, 7));
    Filter others =
        Filter.ne("number", all.get(0).passage().metadata().get("number").orElseThrow());
    List<ScoredPassage> rest = ask(SearchRequest.of(Samples.QUERY, 6).withFilter(others));
    assertEquals(
        all.stream().skip(1).map(ScoredPassage::id).sorted().toList(),
        rest.stream().map(ScoredPassage::id).sorted().toList());
  }

  @Test
  default void manyRequestsGiveTheAnswersOfEach() {
    Retriever retriever = retriever(Samples.passages());
    List<SearchRequest> requests =
        List.of(
            SearchRequest.of(Samples.QUERY, 2),
            SearchRequest.of("rope bridges", 4),
            SearchRequest.of(Samples.QUERY, 3).withFilter(Filter.eq("parity", "odd")));
    List<List<ScoredPassage>> answers = retriever.retrieveAll(requests);
    assertEquals(requests.size(), answers.size());
    for (int i = 0; i < requests.size(); i++) {
      assertEquals(
          retriever.retrieve(requests.get(i)).stream().map(ScoredPassage::id).toList(),
          answers.get(i).stream().map(ScoredPassage::id).toList());
    }
    assertEquals(List.of(), retriever.retrieveAll(List.of()));
  }

  @Test
  default void oddQueriesDoNotThrow() {
    for (String query : Samples.oddTexts()) {
      Rankings.assertRanking(ask(SearchRequest.of(query, 3)), 3, Samples.passages());
    }
  }

  @Test
  default void nothingIsFoundInNothing() {
    assertEquals(List.of(), retriever(List.of()).retrieve(Samples.QUERY, 3));
  }

  @Test
  default void callsFromFourThreadsGiveTheSame() throws InterruptedException {
    Retriever retriever = retriever(Samples.passages());
    List<String> alone =
        retriever.retrieve(Samples.QUERY, 5).stream().map(ScoredPassage::id).toList();
    for (List<ScoredPassage> together :
        Samples.concurrently(() -> retriever.retrieve(Samples.QUERY, 5))) {
      assertEquals(alone, together.stream().map(ScoredPassage::id).toList());
    }
  }

  @Test
  default void aPassedDeadlineStopsTheCall() {
    SearchRequest late =
        SearchRequest.of(Samples.QUERY, 3).withDeadline(Deadline.after(Duration.ZERO));
    assertThrows(DeadlineExceededException.class, () -> ask(late));
  }
}
