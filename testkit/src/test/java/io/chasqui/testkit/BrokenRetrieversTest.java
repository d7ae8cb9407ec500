package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each test of the contract goes red on a retriever with the fault that it looks for. */
class BrokenRetrieversTest {
  private static Retriever good() {
    return RetrieverContractTest.dense(Samples.passages());
  }

  private static RetrieverContract requestChanged(UnaryOperator<SearchRequest> change) {
    return passages ->
        request -> RetrieverContractTest.dense(passages).retrieve(change.apply(request));
  }

  private static RetrieverContract hitsChanged(UnaryOperator<List<ScoredPassage>> change) {
    return passages ->
        request -> change.apply(RetrieverContractTest.dense(passages).retrieve(request));
  }

  private static void red(Executable test) {
    assertThrows(AssertionError.class, test);
  }

  @Test
  void wrongOrderDuplicatesStrangersAndSurplus() {
    red(
        hitsChanged(
                hits -> {
                  List<ScoredPassage> reversed = new ArrayList<>(hits);
                  Collections.reverse(reversed);
                  return reversed;
                })
            ::hitsAreBestFirstAndNoneTwice);
    red(hitsChanged(hits -> List.of(hits.get(0), hits.get(0)))::kMayExceedWhatThereIs);
    red(
        hitsChanged(hits -> List.of(ScoredPassage.of(Passage.of("x", ""), 1f)))
            ::hitsAreBestFirstAndNoneTwice);
    red(requestChanged(r -> r.withK(r.k() + 1))::hitsAreBestFirstAndNoneTwice);
    red(hitsChanged(hits -> List.of())::hitsAreBestFirstAndNoneTwice);
  }

  @Test
  void filtersThatAreOverlookedOrComeTooLate() {
    red(requestChanged(r -> r.withFilter(Filter.all()))::noHitIsRefusedByTheFilter);
    RetrieverContract late =
        passages ->
            request ->
                good().retrieve(request.withFilter(Filter.all())).stream()
                    .filter(hit -> request.filter().matches(hit.passage().metadata()))
                    .toList();
    red(late::aFilterMakesRoomForHitsFurtherDown);
  }

  @Test
  void batchesThatMixUpTheirRequests() {
    RetrieverContract mixed =
        passages ->
            new Retriever() {
              @Override
              public List<ScoredPassage> retrieve(SearchRequest request) {
                return good().retrieve(request);
              }

              @Override
              public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
                List<ScoredPassage> first = good().retrieve(requests.get(0));
                return Collections.nCopies(requests.size(), first);
              }
            };
    red(mixed::manyRequestsGiveTheAnswersOfEach);
  }

  @Test
  void oddQueriesThatBreakTheOrder() {
    RetrieverContract broken =
        passages ->
            request -> {
              List<ScoredPassage> hits = new ArrayList<>(good().retrieve(request));
              if (request.text().isBlank()) {
                Collections.reverse(hits);
              }
              return hits;
            };
    red(broken::oddQueriesDoNotThrow);
  }

  @Test
  void hitsFromNowhere() {
    RetrieverContract broken = passages -> good();
    red(broken::nothingIsFoundInNothing);
  }

  @Test
  void resultsThatDependOnOtherCalls() {
    AtomicInteger calls = new AtomicInteger();
    RetrieverContract broken =
        passages ->
            request ->
                good()
                    .retrieve(
                        calls.incrementAndGet() % 4 == 0 ? "rope" : request.text(), request.k());
    red(broken::callsFromFourThreadsGiveTheSame);
  }

  @Test
  void deadlinesThatAreOverlooked() {
    red(requestChanged(r -> r.withDeadline(Deadline.none()))::aPassedDeadlineStopsTheCall);
  }
}
