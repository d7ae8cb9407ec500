package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.NoBackendException;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import io.chasqui.internal.Lease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Search that compares each query with every vector, on ONNX Runtime (a handle): made for many
 * queries at once, as in mining negatives and evaluating, where it is faster than graphs up to some
 * 50,000 vectors and needs no time to build one. Thread-safe until closed.
 *
 * <p>Vectors are compared as bytes; the best {@link OnnxSearchOptions#rescoredPerHit()} × k (20
 * more at least) are compared again in full precision, which decides on scores and order. A query's
 * hits do not depend on the queries beside it.
 *
 * <p>Memory: the vectors as they were added, and a byte for each number outside of the Java heap.
 * Runs on the CPU.
 *
 * <pre>{@code
 * OnnxVectorSearch.Builder builder = OnnxVectorSearch.builder(index.space());
 * index.export(4096, builder::add);
 * try (OnnxVectorSearch search = builder.build()) {
 *   Retriever.of(encoder, search).retrieveAll(requests);
 * }
 * }</pre>
 */
public final class OnnxVectorSearch implements VectorSearch, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxVectorSearch.class);

  /** Queries that are compared in one run: as many as keep the processor's units busy. */
  private static final int BATCH = 64;

  /** Batches whose candidates are held at a time. */
  private static final int BATCHES_IN_FLIGHT = 8;

  /** Queries whose candidates are compared in full by one task. */
  private static final int RESCORED = 8;

  /** Candidates beside those for each hit, where few are wanted. */
  private static final int MORE_CANDIDATES = 20;

  /** The sums of a block stay in a core's cache until they have been looked at. */
  private static final int BLOCK_BYTES = 8 << 20;

  /** Sums of products of bytes fit 32 bits. */
  private static final int MAX_DIMENSION = 1 << 16;

  private final EmbeddingSpace space;
  private final VectorRows vectors;
  private final OnnxSearchOptions options;
  private final List<CodeBlock> blocks = new ArrayList<>();
  private final RunQueue queue;
  private final RunWatchdog watchdog = new RunWatchdog();
  private final Lease lease;

  private OnnxVectorSearch(EmbeddingSpace space, VectorRows vectors, OnnxSearchOptions options) {
    this.space = space;
    this.vectors = vectors;
    this.options = options;
    this.lease = new Lease("exact search over " + vectors.size() + " vectors");
    int threads =
        options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
    this.queue = new RunQueue("chasqui-search", threads);
    boolean loaded = false;
    try {
      ExitGuard.add(queue);
      load(threads);
      loaded = true;
    } finally {
      if (!loaded) {
        release();
      }
    }
  }

  /** Collects passages with vectors of this space. */
  public static Builder builder(EmbeddingSpace space) {
    return new Builder(space);
  }

  /** Passages and vectors that will be searched. Confined to one thread. */
  public static final class Builder {
    private final EmbeddingSpace space;
    private final VectorRows.Builder rows;
    private OnnxSearchOptions options = OnnxSearchOptions.defaults();

    private Builder(EmbeddingSpace space) {
      this.space = Objects.requireNonNull(space, "space");
      this.rows = new VectorRows.Builder(space.dimension());
    }

    /**
     * Adds passages with their vectors, which are kept as they are: hand over many at a time.
     *
     * @param vectors one row a passage, in order
     * @throws IllegalArgumentException and adds nothing, if sizes or dimension do not fit, if a row
     *     failed, or if an id is there already; names the passage
     */
    public Builder add(List<Passage> passages, Embeddings vectors) {
      rows.add(passages, vectors);
      return this;
    }

    public Builder options(OnnxSearchOptions options) {
      this.options = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Makes the codes and loads them.
     *
     * @return a handle that the caller closes
     * @throws IllegalArgumentException if the dimension is above 65,536
     * @throws NoBackendException if ONNX Runtime's native libraries do not load
     * @throws BackendException if ONNX Runtime refuses; {@code retryable()} if memory ran out
     */
    public OnnxVectorSearch build() {
      if (space.dimension() > MAX_DIMENSION) {
        throw new IllegalArgumentException(
            "dimension " + space.dimension() + " is above " + MAX_DIMENSION);
      }
      return ExitGuard.loading(
          () -> {
            try {
              NativeRuntime.environment(Optional.empty());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return new OnnxVectorSearch(space, rows.build(), options);
          });
    }
  }

  private void load(int threads) {
    long start = System.nanoTime();
    int size = vectors.size();
    if (size > 0) {
      BlockCodes codes = BlockCodes.of(vectors);
      int most = Math.max(1, Math.min(Candidates.MAX_ROWS, BLOCK_BYTES / vectors.dimension()));
      // As many blocks for each thread, of about the same size: all end at the same time.
      int count = Math.min(size, roundUp((size + most - 1) / most, threads));
      CodeBlock[] loaded = new CodeBlock[count];
      try {
        List<Runnable> tasks = new ArrayList<>();
        for (int b = 0; b < count; b++) {
          int block = b;
          int first = (int) ((long) size * b / count);
          int end = (int) ((long) size * (b + 1) / count);
          tasks.add(() -> loaded[block] = codes.load(first, end));
        }
        runAll(tasks, Deadline.none(), "loading " + size + " vectors");
      } finally {
        Arrays.stream(loaded).filter(Objects::nonNull).forEach(blocks::add);
      }
    }
    LOG.info(
        "loaded {} vectors of dimension {} in {} blocks for exact search in {} ms",
        size,
        space.dimension(),
        blocks.size(),
        (System.nanoTime() - start) / 1_000_000);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  private void runAll(List<Runnable> tasks, Deadline deadline, String doing) {
    RunQueue.Job job = queue.newJob();
    try {
      job.submit(tasks);
      job.awaitAtMost(0, deadline, doing);
    } finally {
      job.giveUp();
    }
  }

  @Override
  public EmbeddingSpace space() {
    return space;
  }

  /** Number of passages. */
  public int size() {
    return vectors.size();
  }

  @Override
  public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("the query holds " + value);
      }
    }
    if (vector.length == 0) {
      throw new IllegalArgumentException(
          "the query has dimension 0; the vectors have " + space.dimension());
    }
    return searchAll(Embeddings.of(vector.length, vector.clone()), k, filter, deadline).get(0);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Costs about as much for 64 queries as for a few.
   */
  @Override
  public List<List<ScoredPassage>> searchAll(
      Embeddings queries, int k, Filter filter, Deadline deadline) {
    Objects.requireNonNull(filter, "filter");
    requireQueries(queries, k);
    return lease.during(
        () -> {
          deadline.check("comparing " + queries.size() + " queries");
          BitSet accepted = filter.equals(Filter.all()) ? null : accepted(filter);
          List<List<ScoredPassage>> answers = new ArrayList<>();
          int step = BATCH * BATCHES_IN_FLIGHT;
          for (int from = 0; from < queries.size(); from += step) {
            int to = Math.min(queries.size(), from + step);
            answers.addAll(search(queries, from, to, k, accepted, deadline));
          }
          return answers;
        });
  }

  private void requireQueries(Embeddings queries, int k) {
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
    if (queries.size() > 0 && queries.dimension() != space.dimension()) {
      throw new IllegalArgumentException(
          "the query has dimension "
              + queries.dimension()
              + "; the vectors have "
              + space.dimension());
    }
    for (int row = 0; row < queries.size(); row++) {
      if (queries.failure(row).isPresent()) {
        throw new IllegalArgumentException(
            "query " + row + " has no vector: " + queries.failure(row).get());
      }
    }
  }

  private BitSet accepted(Filter filter) {
    BitSet accepted = new BitSet(vectors.size());
    for (int ordinal = 0; ordinal < vectors.size(); ordinal++) {
      accepted.set(ordinal, filter.matches(vectors.passage(ordinal).metadata()));
    }
    return accepted;
  }

  /** Queries from {@code from} to before {@code to}: each first by codes, then the best in full. */
  private List<List<ScoredPassage>> search(
      Embeddings queries, int from, int to, int k, @Nullable BitSet accepted, Deadline deadline) {
    long many = Math.max((long) options.rescoredPerHit() * k, (long) k + MORE_CANDIDATES);
    int wanted = (int) Math.min(vectors.size(), many);
    List<List<ScoredPassage>> answers =
        new ArrayList<>(Collections.nCopies(to - from, List.<ScoredPassage>of()));
    List<Runnable> tasks = new ArrayList<>();
    List<Runnable> rescoring = List.of();
    for (int first = from; first < to; first += BATCH) {
      int size = Math.min(to - first, BATCH);
      QueryBatch batch = new QueryBatch(queries, first, size, wanted, blocks.size());
      for (int b = 0; b < blocks.size(); b++) {
        CodeBlock block = blocks.get(b);
        tasks.add(() -> batch.compare(block, accepted, watchdog, deadline));
        if (b == queue.threads() - 1) {
          tasks.addAll(rescoring); // of the batch before: what it waits for has begun long ago
          rescoring = List.of();
        }
      }
      tasks.addAll(rescoring);
      rescoring = rescoring(batch, k, answers.subList(first - from, first - from + size));
    }
    tasks.addAll(rescoring);
    runAll(
        tasks,
        deadline,
        "comparing " + (to - from) + " queries with " + vectors.size() + " vectors");
    return answers;
  }

  private List<Runnable> rescoring(QueryBatch batch, int k, List<List<ScoredPassage>> answers) {
    List<Runnable> tasks = new ArrayList<>();
    for (int first = 0; first < batch.size(); first += RESCORED) {
      int from = first;
      int to = Math.min(batch.size(), first + RESCORED);
      tasks.add(
          () -> {
            for (int query = from; query < to; query++) {
              answers.set(query, batch.best(query, k, vectors));
            }
          });
    }
    return tasks;
  }

  /** Waits for searches in flight, then lets the vectors go. */
  @Override
  public void close() {
    lease.close(this::release);
  }

  private void release() {
    // Closed from the last to the first, and each of them whatever another one throws.
    Blocks all = () -> closeAll(blocks);
    try (watchdog;
        all;
        queue) {
      ExitGuard.remove(queue);
    }
  }

  /** All blocks as one thing to close. */
  private interface Blocks extends AutoCloseable {
    @Override
    void close();
  }

  private static void closeAll(List<CodeBlock> blocks) {
    RuntimeException first = null;
    for (CodeBlock block : blocks) {
      try {
        block.close();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public String toString() {
    return "OnnxVectorSearch[" + vectors.size() + " x " + space.dimension() + "]";
  }
}
