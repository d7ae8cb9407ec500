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

  /** This retriever under the stage name that its scores get in a pipeline or a fusion. */
  default Retriever named(String stageName) {
    return new NamedRetriever(stageName, this);
  }

  /**
   * Several retrievers as one first stage: hybrid search. Each is asked for {@code depth} passages;
   * each hit's score is the fused one, and its {@link ScoredPassage#stages()} hold the score and
   * rank of every retriever that found it.
   *
   * <pre>{@code
   * Retriever.fused(Fusion.rrf(), 1000, dense.named("dense"), bm25.named("bm25"))
   * }</pre>
   *
   * <p>The retrievers run one after the other. A passage that several find is taken as the first of
   * them returned it; scores of stages inside of them are not carried on.
   *
   * @param depth passages that each retriever is asked for; more if the request wants more
   * @param retrievers at least two; the names of unnamed ones are "retrieve", "retrieve-2"…
   * @throws IllegalArgumentException if a name is there twice, or the fusion does not fit the names
   */
  static Retriever fused(Fusion fusion, int depth, Retriever... retrievers) {
    return new FusedRetriever(fusion, depth, List.of(retrievers));
  }
}
