package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Embeddings;
import io.chasqui.ScoredPassage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Queries that are compared with a block in one run, and what they have found. Blocks may be
 * compared side by side.
 */
final class QueryBatch {
  private final Embeddings queries;
  private final int first;
  private final List<Candidates> candidates = new ArrayList<>();
  private final CountDownLatch blocksLeft;
  private @Nullable ByteBuffer codes; // guarded by this

  /**
   * A batch that has not been compared yet.
   *
   * @param first row of the first query
   * @param size number of queries
   * @param wanted candidates of each
   * @param blocks that it will be compared with
   */
  QueryBatch(Embeddings queries, int first, int size, int wanted, int blocks) {
    this.queries = queries;
    this.first = first;
    this.blocksLeft = new CountDownLatch(blocks);
    for (int i = 0; i < size; i++) {
      candidates.add(new Candidates(wanted));
    }
  }

  int size() {
    return candidates.size();
  }

  /**
   * Compares all queries with a block.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  void compare(
      CodeBlock block, @Nullable BitSet accepted, RunWatchdog watchdog, Deadline deadline) {
    block.search(codes(), candidates, accepted, watchdog, deadline);
    blocksLeft.countDown();
  }

  private synchronized ByteBuffer codes() {
    if (codes == null) {
      codes = QueryCodes.of(queries, first, first + size());
    }
    return codes;
  }

  /**
   * The best of a query, by its full vector. Waits for the blocks that others compare.
   *
   * @param index of the query in this batch
   * @throws DeadlineExceededException if the thread is interrupted while it waits
   */
  List<ScoredPassage> best(int index, int k, VectorRows vectors) {
    try {
      blocksLeft.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlineExceededException("interrupted while comparing vectors");
    }
    return vectors.best(queries.row(first + index), candidates.get(index).ordinals(), k);
  }
}
