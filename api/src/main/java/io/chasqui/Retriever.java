package io.chasqui;

import java.util.ArrayList;
import java.util.List;

/** Finds candidates for a query: the first stage of a pipeline. A lambda is a fake. */
@FunctionalInterface
public interface Retriever {
  /**
   * The best passages for the request, best first (ties by id), at most {@code request.k()}.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  List<ScoredPassage> retrieve(SearchRequest request);

  /** The {@code k} best passages for a query, without filter or deadline. */
  default List<ScoredPassage> retrieve(String text, int k) {
    return retrieve(SearchRequest.of(text, k));
  }

  /** One list per request, in order. Implementations that batch override this. */
  default List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    List<List<ScoredPassage>> answers = new ArrayList<>(requests.size());
    for (SearchRequest request : requests) {
      answers.add(retrieve(request));
    }
    return answers;
  }

  /**
   * Dense retrieval: the query's vector against an index.
   *
   * @throws SpaceMismatchException if the index holds vectors of another model or convention
   */
  static Retriever of(Encoder encoder, VectorSearch index) {
    return new DenseRetriever(encoder, index);
  }
}
