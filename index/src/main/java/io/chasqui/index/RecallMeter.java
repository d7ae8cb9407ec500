package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import io.chasqui.ScoredPassage;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/** Adds up a {@link RecallReport}, query by query. Confined to one thread. */
final class RecallMeter {
  private final PassageIndex index;
  private final int k;
  private int queries;
  private int complete;
  private long found;
  private long wanted;
  private double worst = 1;
  private long searchNanos;
  private long exactNanos;

  RecallMeter(PassageIndex index, int k) {
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
    this.index = index;
    this.k = k;
  }

  /** A query, and the passage that it was taken from: it would find itself. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Query(float[] vector, Optional<String> itself) {}

  RecallReport measure(List<Query> asked, IntConsumer progress) {
    for (Query query : asked) {
      ask(query);
      progress.accept(queries);
    }
    long n = Math.max(1, queries);
    return new RecallReport(
        k,
        queries,
        wanted == 0 ? 1 : (double) found / wanted,
        worst,
        complete,
        Duration.ofNanos(searchNanos / n),
        Duration.ofNanos(exactNanos / n));
  }

  private void ask(Query query) {
    int more = query.itself.isPresent() ? k + 1 : k;
    long start = System.nanoTime();
    List<ScoredPassage> hits = index.search(query.vector, more);
    long middle = System.nanoTime();
    List<ScoredPassage> truth =
        index.searchExact(query.vector, more, Filter.all(), Deadline.none());
    exactNanos += System.nanoTime() - middle;
    searchNanos += middle - start;
    Set<String> ids = ids(truth, query);
    Set<String> common = ids(hits, query);
    common.retainAll(ids);
    queries++;
    wanted += ids.size();
    found += common.size();
    complete += common.size() == ids.size() ? 1 : 0;
    worst = Math.min(worst, ids.isEmpty() ? 1 : (double) common.size() / ids.size());
  }

  private Set<String> ids(List<ScoredPassage> hits, Query query) {
    Set<String> ids = new HashSet<>();
    for (ScoredPassage hit : hits) {
      if (ids.size() < k && !Optional.of(hit.id()).equals(query.itself)) {
        ids.add(hit.id());
      }
    }
    return ids;
  }
}
