package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DenseRetrieverTest {
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("length", 1);
  private final List<Integer> batches = new ArrayList<>();
  private final List<Deadline> deadlines = new ArrayList<>();

  /** A query's vector is its length; "?" cannot be encoded. */
  private final Encoder encoder =
      new Encoder() {
        @Override
        public EmbeddingSpace space() {
          return SPACE;
        }

        @Override
        public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
          batches.add(queries.size());
          deadlines.add(deadline);
          float[] values = new float[queries.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = queries.get(i).length();
          }
          Map<Integer, String> failures =
              queries.contains("?") ? Map.of(queries.indexOf("?"), "NaN") : Map.of();
          return Embeddings.of(1, values, new BitSet(), failures);
        }

        @Override
        public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
          throw new AssertionError("queries are no passages");
        }
      };

  private static VectorSearch search(EmbeddingSpace space) {
    return new VectorSearch() {
      @Override
      public EmbeddingSpace space() {
        return space;
      }

      @Override
      public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
        return List.of(Hits.hit("k" + k + filter, vector[0]));
      }
    };
  }

  @Test
  void theQuerysVectorIsSearchedWithKAndFilter() {
    Retriever retriever = Retriever.of(encoder, search(SPACE));
    Filter filter = Filter.exists("x");
    ScoredPassage hit = retriever.retrieve(SearchRequest.of("four", 3).withFilter(filter)).get(0);
    assertEquals("k3" + filter, hit.id());
    assertEquals(4f, hit.score());
  }

  @Test
  void anIndexOfAnotherSpaceIsRefused() {
    var error =
        assertThrows(
            SpaceMismatchException.class,
            () -> Retriever.of(encoder, search(EmbeddingSpace.named("other", 1))));
    assertTrue(error.getMessage().contains("name: other / length"), error.getMessage());
  }

  @Test
  void manyQueriesAreEncodedInOneBatchUnderTheTightestDeadline() {
    Deadline tight = Deadline.after(Duration.ofMinutes(1));
    List<List<ScoredPassage>> answers =
        Retriever.of(encoder, search(SPACE))
            .retrieveAll(
                List.of(
                    SearchRequest.of("a", 1).withDeadline(Deadline.after(Duration.ofHours(1))),
                    SearchRequest.of("bb", 1).withDeadline(tight),
                    SearchRequest.of("ccc", 1)));
    assertEquals(List.of(1f, 2f, 3f), answers.stream().map(hits -> hits.get(0).score()).toList());
    assertEquals(List.of(3), batches);
    assertEquals(List.of(tight), deadlines);
    assertEquals(List.of(), Retriever.of(encoder, search(SPACE)).retrieveAll(List.of()));
  }

  @Test
  void requestsThatWantTheSameAreSearchedTogetherAndAnsweredInOrder() {
    List<Integer> together = new ArrayList<>();
    VectorSearch counting =
        new VectorSearch() {
          @Override
          public EmbeddingSpace space() {
            return SPACE;
          }

          @Override
          public List<ScoredPassage> search(
              float[] vector, int k, Filter filter, Deadline deadline) {
            throw new AssertionError("they are to be searched together");
          }

          @Override
          public List<List<ScoredPassage>> searchAll(
              Embeddings queries, int k, Filter filter, Deadline deadline) {
            together.add(queries.size());
            List<List<ScoredPassage>> answers = new ArrayList<>();
            for (int row = 0; row < queries.size(); row++) {
              answers.add(List.of(Hits.hit("k" + k + filter, queries.row(row)[0])));
            }
            return answers;
          }
        };
    Filter filter = Filter.exists("x");
    List<List<ScoredPassage>> answers =
        Retriever.of(encoder, counting)
            .retrieveAll(
                List.of(
                    SearchRequest.of("a", 1),
                    SearchRequest.of("bb", 2),
                    SearchRequest.of("ccc", 1),
                    SearchRequest.of("dddd", 1).withFilter(filter)));
    assertEquals(List.of(2, 1, 1), together);
    assertEquals(
        List.of("k1" + Filter.all(), "k2" + Filter.all(), "k1" + Filter.all(), "k1" + filter),
        answers.stream().map(hits -> hits.get(0).id()).toList());
    assertEquals(
        List.of(1f, 2f, 3f, 4f), answers.stream().map(hits -> hits.get(0).score()).toList());
  }

  @Test
  void aQueryWithoutAVectorFindsNothingAtRandom() {
    Retriever retriever = Retriever.of(encoder, search(SPACE));
    var error = assertThrows(BackendException.class, () -> retriever.retrieve("?", 1));
    assertTrue(error.getMessage().contains("NaN"), error.getMessage());
  }

  @Test
  void anEncoderThatLosesAQueryIsAnError() {
    Encoder forgetful =
        new Encoder() {
          @Override
          public EmbeddingSpace space() {
            return SPACE;
          }

          @Override
          public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
            return encoder.encodeQueries(queries.subList(1, queries.size()), deadline);
          }

          @Override
          public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
            return encoder.encodePassages(passages, deadline);
          }
        };
    Retriever retriever = Retriever.of(forgetful, search(SPACE));
    var error = assertThrows(BackendException.class, () -> retriever.retrieve("a", 1));
    assertTrue(error.getMessage().contains("0 rows for 1 queries"), error.getMessage());
    assertThrows(
        BackendException.class,
        () -> retriever.retrieveAll(List.of(SearchRequest.of("a", 1), SearchRequest.of("b", 1))));
  }

  @Test
  void aNamedRetrieverIsTheSameRetriever() {
    Retriever named = Retriever.of(encoder, search(SPACE)).named("dense");
    named.retrieveAll(List.of(SearchRequest.of("a", 1), SearchRequest.of("b", 1)));
    assertEquals(List.of(2), batches);
    assertEquals(List.of("dense"), Pipeline.of(named).stages());
  }
}
