package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.spi.GraphOptions;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each test of the contract goes red on a graph with the fault that it looks for. */
class BrokenGraphsTest {
  @FunctionalInterface
  private interface Search {
    Neighbours search(VectorGraph good, float[] query, int k, IntPredicate accept);
  }

  private record Broken(VectorGraph good, Search search) implements VectorGraph {
    @Override
    public String name() {
      return good.name();
    }

    @Override
    public int size() {
      return good.size() - 1;
    }

    @Override
    public Neighbours search(float[] query, int k, int breadth, IntPredicate accept) {
      return search.search(good, query, k, accept);
    }

    @Override
    public void write(OutputStream out) throws IOException {
      good.write(out);
    }
  }

  private static VectorGraphContract broken(Search search) {
    VectorGraphProvider provider =
        new ExactGraphs() {
          @Override
          public VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer told) {
            return new Broken(super.build(vectors, options, told), search);
          }
        };
    return () -> provider;
  }

  /** Good graphs, of which damaged copies are read as well. */
  private static VectorGraphContract trusting(VectorGraphProvider provider) {
    return () -> provider;
  }

  private static void red(Executable test) {
    assertThrows(AssertionError.class, test);
  }

  @Test
  void aWrongSize() {
    red(broken((good, q, k, a) -> good.search(q, k, k, a))::aGraphKnowsItsProviderAndSize);
  }

  @Test
  void missedNeighboursAndInventedSimilarities() {
    red(
        broken(
                (good, q, k, a) -> {
                  Neighbours more = good.search(q, k + 1, k + 1, a);
                  int skip = more.size() > k ? 1 : 0;
                  return new Neighbours(
                      Arrays.copyOfRange(more.ordinals(), skip, more.size()),
                      Arrays.copyOfRange(more.similarities(), skip, more.size()));
                })
            ::withFullBreadthTheNearestAreFound);
    red(
        broken(
                (good, q, k, a) -> {
                  Neighbours found = good.search(q, k, k, a);
                  found.similarities()[0] += 0.01f;
                  return found;
                })
            ::withFullBreadthTheNearestAreFound);
  }

  @Test
  void acceptFiltersThatAreOverlookedOrComeTooLate() {
    red(
        broken((good, q, k, a) -> good.search(q, k, k, ordinal -> true))
            ::onlyAcceptedOrdinalsAreReturnedAndAsManyAsThereAre);
    red(
        broken(
                (good, q, k, a) -> {
                  Neighbours all = good.search(q, k, k, ordinal -> true);
                  int[] kept = Arrays.stream(all.ordinals()).filter(a).toArray();
                  return new Neighbours(kept, new float[kept.length]);
                })
            ::onlyAcceptedOrdinalsAreReturnedAndAsManyAsThereAre);
  }

  @Test
  void tiesInAnyOrder() {
    red(
        broken(
                (good, q, k, a) -> {
                  Neighbours found = good.search(q, k, k, a);
                  int first = found.ordinals()[0];
                  found.ordinals()[0] = found.ordinals()[1];
                  found.ordinals()[1] = first;
                  return found;
                })
            ::tiesAreOrderedByOrdinal);
  }

  @Test
  void fewerThanThereAre() {
    red(broken((good, q, k, a) -> good.search(q, 1 + k / 4, k, a))::kMayExceedTheSize);
  }

  @Test
  void anotherGraphAfterReading() {
    red(
        broken((good, q, k, a) -> good.search(q, k, k, ordinal -> ordinal % 2 == 0))
            ::aGraphThatIsReadAnswersAsTheOneThatWasWritten);
    // One that takes the first portion of a stream for all of it.
    red(
        trusting(
                new ExactGraphs() {
                  @Override
                  public VectorGraph read(
                      InputStream in, VectorSource vectors, GraphOptions options)
                      throws IOException {
                    if (in.read(new byte[100]) < 100) {
                      throw new AssertionError("short read");
                    }
                    return build(vectors, options, n -> {});
                  }
                })
            ::aGraphThatIsReadAnswersAsTheOneThatWasWritten);
  }

  @Test
  void damageThatIsOverlooked() {
    VectorGraphContract contract =
        trusting(
            new ExactGraphs() {
              @Override
              public VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options) {
                return build(vectors, options, n -> {});
              }
            });
    red(contract::damagedBytesAreRefused);
    red(contract::aGraphOfOtherVectorsIsRefused);
  }

  @Test
  void damageThatIsNoIoException() {
    red(
        trusting(
                new ExactGraphs() {
                  @Override
                  public VectorGraph read(
                      InputStream in, VectorSource vectors, GraphOptions options) {
                    throw new ArrayIndexOutOfBoundsException();
                  }
                })
            ::damagedBytesAreRefused);
  }

  @Test
  void resultsThatDependOnOtherCalls() {
    AtomicInteger calls = new AtomicInteger();
    red(
        broken((good, q, k, a) -> good.search(q, calls.incrementAndGet() % 4 == 0 ? 1 : k, k, a))
            ::searchesOnFourThreadsGiveTheSame);
  }
}
