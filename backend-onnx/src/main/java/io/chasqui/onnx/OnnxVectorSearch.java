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
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
  private static final int BATCHES_IN_FLIGHT = 16;

  /** Candidates beside those for each hit, where few are wanted. */
  private static final int MORE_CANDIDATES = 20;

  /** Codes and scores of a block stay in a core's caches. */
  private static final int BLOCK_BYTES = 16 << 20;

  private static final int BLOCK_ROWS = 1 << 14;

  /** Sums of products of bytes fit 32 bits. */
  private static final int MAX_DIMENSION = 1 << 16;

  private final EmbeddingSpace space;
  private final VectorRows vectors;
  private final OnnxSearchOptions options;
  private final List<CodeBlock> blocks = new ArrayList<>();
  private final List<FloatBuffer> noPenalties = new ArrayList<>(); // by block; read only
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
      int most = Math.max(1, Math.min(BLOCK_ROWS, BLOCK_BYTES / vectors.dimension()));
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
      for (CodeBlock block : blocks) {
        noPenalties.add(CodeBlock.direct(block.rows() * Float.BYTES).asFloatBuffer());
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
          List<FloatBuffer> penalties = penalties(filter);
          List<List<ScoredPassage>> answers = new ArrayList<>();
          int step = BATCH * BATCHES_IN_FLIGHT;
          for (int from = 0; from < queries.size(); from += step) {
            int to = Math.min(queries.size(), from + step);
            answers.addAll(search(queries, from, to, k, penalties, deadline));
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

  /** For each block, 0 for each row that the filter accepts and −∞ for the others. */
  private List<FloatBuffer> penalties(Filter filter) {
    if (filter.equals(Filter.all())) {
      return noPenalties;
    }
    List<FloatBuffer> all = new ArrayList<>();
    for (CodeBlock block : blocks) {
      FloatBuffer penalties = CodeBlock.direct(block.rows() * Float.BYTES).asFloatBuffer();
      for (int row = 0; row < block.rows(); row++) {
        if (!filter.matches(vectors.passage(block.first() + row).metadata())) {
          penalties.put(row, Float.NEGATIVE_INFINITY);
        }
      }
      all.add(penalties);
    }
    return all;
  }

  /** Queries from {@code from} to before {@code to}: first all by codes, then the best in full. */
  private List<List<ScoredPassage>> search(
      Embeddings queries, int from, int to, int k, List<FloatBuffer> penalties, Deadline deadline) {
    long many = Math.max((long) options.rescoredPerHit() * k, (long) k + MORE_CANDIDATES);
    int wanted = (int) Math.min(vectors.size(), many);
    String doing = "comparing " + (to - from) + " queries with " + vectors.size() + " vectors";
    List<Runnable> comparing = new ArrayList<>();
    List<Runnable> rescoring = new ArrayList<>();
    List<List<ScoredPassage>> answers = new ArrayList<>();
    for (int first = from; first < to; first += BATCH) {
      int end = Math.min(to, first + BATCH);
      ByteBuffer codes = QueryCodes.of(queries, first, end);
      List<Candidates> candidates = new ArrayList<>();
      for (int query = first; query < end; query++) {
        Candidates best = new Candidates(wanted);
        candidates.add(best);
        answers.add(List.of());
        int at = query;
        rescoring.add(() -> answers.set(at - from, best(queries.row(at), best.ordinals(), k)));
      }
      for (int b = 0; b < blocks.size(); b++) {
        CodeBlock block = blocks.get(b);
        FloatBuffer excluded = penalties.get(b);
        comparing.add(() -> block.search(codes, excluded, candidates, watchdog, deadline));
      }
    }
    runAll(comparing, deadline, doing);
    runAll(rescoring, deadline, doing);
    return answers;
  }

  private List<ScoredPassage> best(float[] query, int[] candidates, int k) {
    float[] row = new float[query.length];
    List<ScoredPassage> hits = new ArrayList<>(candidates.length);
    for (int ordinal : candidates) {
      hits.add(vectors.scored(ordinal, query, row));
    }
    hits.sort(ScoredPassage.BEST_FIRST);
    return List.copyOf(hits.subList(0, Math.min(k, hits.size())));
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
