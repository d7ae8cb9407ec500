package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.internal.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What a handle reads its index with: each call sees one generation from beginning to end.
 * Thread-safe; never waits for a change.
 */
final class ReadSide {
  private final Lease lease;
  private final WriteSide writing;

  /**
   * @param lease refuses reading once it is closed
   * @param writing knows the generation that is seen
   */
  ReadSide(Lease lease, WriteSide writing) {
    this.lease = lease;
    this.writing = writing;
  }

  /** What there is to be read from the generation that is seen now. */
  <T> T of(Function<Snapshot, T> read) {
    return lease.during(() -> read.apply(writing.seen()));
  }

  List<ScoredPassage> search(
      float[] vector, int k, Filter filter, Deadline deadline, boolean exact) {
    Objects.requireNonNull(filter, "filter");
    int dimension = writing.seen().manifest().space().dimension();
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "the query has dimension " + vector.length + "; the index has " + dimension);
    }
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
    IndexWriter.checkVector(vector, "of the query");
    return of(seen -> seen.search(vector, k, filter, exact, deadline));
  }

  void verify() {
    of(
        seen -> {
          seen.segments().forEach(Segment::verifyVectors);
          return seen;
        });
  }

  void export(int batchSize, BiConsumer<List<Passage>, Embeddings> receiver) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be positive: " + batchSize);
    }
    of(
        seen -> {
          seen.export(batchSize, receiver);
          return seen;
        });
  }

  /** Committed passages drawn at random, as queries. */
  List<RecallMeter.Query> sample(int count, Random random) {
    return of(
        seen -> {
          List<RecallMeter.Query> drawn = new ArrayList<>();
          for (int i = 0; i < count && seen.size() > 0; i++) {
            Snapshot.Place place = seen.place((long) (random.nextDouble() * seen.size()));
            drawn.add(new RecallMeter.Query(place.vector(), Optional.of(place.passage().id())));
          }
          return drawn;
        });
  }
}
