package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passages with their vectors in a directory, to be searched by nearness: durable, and faithful to
 * the encoder that made the vectors.
 *
 * <p>Searches, {@link #get} and {@link #size} see what was last committed. What is added, upserted
 * or removed becomes visible and durable, all of it or nothing, when {@link #commit} returns; the
 * process may be killed at any instant. The first change takes the index's write lock, which is
 * held until {@link #close}.
 *
 * <p>One writer, many readers: any number of threads, handles and processes search while one handle
 * writes. A failed {@code commit} leaves what was committed before as it was, and what is pending
 * pending, unless the disk failed to confirm a write: then this handle can't write any more, but
 * still searches.
 */
public final class PassageIndex implements VectorSearch, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PassageIndex.class);

  private final Store store;
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
  private final Object writing = new Object();
  private volatile Snapshot snapshot;
  private volatile boolean closed;
  private @Nullable IndexWriter writer;

  private PassageIndex(Store store, Snapshot snapshot) {
    this.store = store;
    this.snapshot = snapshot;
    LOG.info("opened index {}: {}", store.directory(), snapshot.stats());
  }

  /**
   * Creates an empty index.
   *
   * @param directory is made if it is missing; other files in it are left alone
   * @param space of the vectors that will be added: an {@link Encoder}'s {@code space()}
   * @throws java.nio.file.FileAlreadyExistsException if there is an index already
   * @throws IndexLockedException if another handle or process is just creating one
   * @throws io.chasqui.NoBackendException if the options name a graph that nobody provides
   */
  public static PassageIndex create(Path directory, EmbeddingSpace space, IndexOptions options)
      throws IOException {
    return create(DiskFiles.INSTANCE, directory, space, options);
  }

  static PassageIndex create(
      FileLayer files, Path directory, EmbeddingSpace space, IndexOptions options)
      throws IOException {
    Objects.requireNonNull(space, "space");
    Graphs.find(options.graph());
    files.createDirectories(directory);
    Store store = new Store(files, directory);
    Closeable lock = files.lock(directory);
    boolean done = false;
    try {
      store.create(space, options);
      PassageIndex index = new PassageIndex(store, store.openNewest(Optional.empty()));
      synchronized (index.writing) {
        index.writer = new IndexWriter(store, lock, index.snapshot);
      }
      done = true;
      return index;
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  /** {@link #create(Path, EmbeddingSpace, IndexOptions)} with {@link IndexOptions#defaults()}. */
  public static PassageIndex create(Path directory, EmbeddingSpace space) throws IOException {
    return create(directory, space, IndexOptions.defaults());
  }

  /**
   * Opens the newest generation of an index. Verified are manifest, ids, passages and graphs;
   * vectors are when first touched. A damaged graph is built again.
   *
   * @throws java.nio.file.NoSuchFileException if there is no index
   * @throws io.chasqui.IndexCorruptException if a file is damaged; names file, place and older
   *     generations that are intact
   * @throws IndexVersionException if a newer version of this library wrote it
   * @throws io.chasqui.NoBackendException if nobody provides its graph
   */
  public static PassageIndex open(Path directory) throws IOException {
    return open(DiskFiles.INSTANCE, directory);
  }

  static PassageIndex open(FileLayer files, Path directory) throws IOException {
    Store store = new Store(files, directory);
    return new PassageIndex(store, store.openNewest(Optional.empty()));
  }

  /**
   * Opens the index, or creates it if there is none.
   *
   * @param options for a new index; one that exists keeps its own
   * @throws io.chasqui.SpaceMismatchException if there is one of another space
   */
  public static PassageIndex openOrCreate(
      Path directory, EmbeddingSpace space, IndexOptions options) throws IOException {
    Store store = new Store(DiskFiles.INSTANCE, directory);
    if (store.generations().isEmpty()) {
      return create(directory, space, options);
    }
    PassageIndex index = open(directory);
    boolean same = false;
    try {
      index.space().requireSame(space, "index " + directory, "the encoder");
      same = true;
      return index;
    } finally {
      if (!same) {
        index.close();
      }
    }
  }

  @Override
  public EmbeddingSpace space() {
    return snapshot.manifest().space();
  }

  /** The options that the index was created with. */
  public IndexOptions options() {
    return snapshot.manifest().options();
  }

  /** Where the index lies. */
  public Path directory() {
    return store.directory();
  }

  /** Number of passages that a search can return. */
  public long size() {
    return reading(() -> snapshot.size());
  }

  /** Sizes as of the last commit. */
  public IndexStats stats() {
    return reading(() -> snapshot.stats());
  }

  /** Whether a passage of this id was committed. */
  public boolean contains(String id) {
    return reading(() -> snapshot.find(id).isPresent());
  }

  /** The committed passage of this id. */
  public Optional<Passage> get(String id) {
    return reading(() -> snapshot.find(id).map(Snapshot.Place::passage));
  }

  /**
   * All passages committed when this is called, read one by one; what is committed later does not
   * show. In ascending order of id within each segment.
   */
  public Iterable<Passage> passages() {
    Snapshot seen = reading(() -> snapshot);
    return () -> seen.passages().iterator();
  }

  /**
   * Hands over all passages committed when this is called with their vectors, as they are stored:
   * to search them by other means, or to write them elsewhere.
   *
   * @param batchSize passages handed over at a time, at least 1
   * @param receiver given the passages and one row for each
   */
  public void export(int batchSize, BiConsumer<List<Passage>, Embeddings> receiver) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be positive: " + batchSize);
    }
    reading(
        () -> {
          snapshot.export(batchSize, receiver);
          return snapshot;
        });
  }

  @Override
  public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
    return search(vector, k, filter, deadline, false);
  }

  /** {@link #search(float[], int, Filter, Deadline)} without filter and deadline. */
  public List<ScoredPassage> search(float[] vector, int k) {
    return search(vector, k, Filter.all(), Deadline.none());
  }

  /**
   * The same as {@code search}, but compared with every vector: the truth that a graph approaches.
   */
  public List<ScoredPassage> searchExact(float[] vector, int k, Filter filter, Deadline deadline) {
    return search(vector, k, filter, deadline, true);
  }

  private List<ScoredPassage> search(
      float[] vector, int k, Filter filter, Deadline deadline, boolean exact) {
    Objects.requireNonNull(filter, "filter");
    int dimension = space().dimension();
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "the query has dimension " + vector.length + "; the index has " + dimension);
    }
    if (k <= 0) {
      throw new IllegalArgumentException("k must be positive: " + k);
    }
    IndexWriter.checkVector(vector, "of the query");
    return reading(() -> snapshot.search(vector, k, filter, exact, deadline));
  }

  /**
   * Adds passages with their vectors, to be committed.
   *
   * @param vectors one row a passage, in order
   * @throws IllegalArgumentException and adds nothing, if sizes or dimension do not fit, if a row
   *     failed (naming the passages), or if an id is there already
   * @throws IndexLockedException if another handle or process is writing
   */
  public void add(List<Passage> passages, Embeddings vectors) {
    writing(writer -> writer.add(passages, vectors));
  }

  /**
   * Encodes passages and adds them.
   *
   * @throws io.chasqui.SpaceMismatchException if the encoder's space is not the index's
   */
  public void add(List<Passage> passages, Encoder encoder) {
    space().requireSame(encoder.space(), "index " + directory(), "the encoder");
    add(passages, encoder.encodePassages(passages));
  }

  /**
   * Adds passages in place of whatever there was of their documents, and of the same ids.
   *
   * @param passages all passages of each document that occurs: others of it are removed
   * @throws IllegalArgumentException as {@link #add(List, Embeddings)}, but for ids that are there
   */
  public void upsert(List<Passage> passages, Embeddings vectors) {
    writing(writer -> writer.upsert(passages, vectors));
  }

  /** Encodes passages and upserts them. */
  public void upsert(List<Passage> passages, Encoder encoder) {
    space().requireSame(encoder.space(), "index " + directory(), "the encoder");
    upsert(passages, encoder.encodePassages(passages));
  }

  /**
   * Removes passages by id.
   *
   * @return how many of them there were
   */
  public int remove(Collection<String> passageIds) {
    int[] count = {0};
    writing(
        writer -> {
          for (String id : passageIds) {
            count[0] += writer.remove(id) ? 1 : 0;
          }
        });
    return count[0];
  }

  /**
   * Removes all passages of a document.
   *
   * @return how many there were
   */
  public int removeDocument(String documentId) {
    return removeDocuments(List.of(documentId));
  }

  /**
   * Removes all passages of documents.
   *
   * @return how many there were
   */
  public int removeDocuments(Collection<String> documentIds) {
    int[] count = {0};
    writing(
        writer -> {
          for (String id : documentIds) {
            count[0] += writer.removeDocument(id);
          }
        });
    return count[0];
  }

  /** Number of passages added and removed since the last commit. */
  public long pendingChanges() {
    synchronized (writing) {
      requireOpen();
      return writer == null ? 0 : writer.pendingChanges();
    }
  }

  /** Forgets what was added and removed since the last commit. */
  public void rollback() {
    synchronized (writing) {
      requireOpen();
      if (writer != null) {
        writer.rollback();
      }
    }
  }

  /**
   * Makes what is pending durable and visible. When this returns, it survives the death of process
   * and machine.
   *
   * @return the generation that holds it
   * @throws IOException if it could not be written; what was committed before is as it was
   */
  public long commit() throws IOException {
    return commit(done -> {});
  }

  /**
   * {@link #commit()}, following the building of a graph.
   *
   * @param graphProgress told the number of vectors in the new segment's graph, now and then, by
   *     the threads that build it: by several at a time, in no order
   */
  public long commit(IntConsumer graphProgress) throws IOException {
    synchronized (writing) {
      requireOpen();
      if (writer != null) {
        snapshot = writer.commit(graphProgress);
      }
      return snapshot.manifest().generation();
    }
  }

  /** Commits, and gives back the space of removed passages: everything becomes one segment. */
  public long compact() throws IOException {
    synchronized (writing) {
      snapshot = writer().compact(done -> {});
      return snapshot.manifest().generation();
    }
  }

  /** Sees what another handle or process has committed meanwhile; the generation seen. */
  public long refresh() throws IOException {
    synchronized (writing) {
      requireOpen();
      if (writer == null) {
        snapshot = store.openNewest(Optional.of(snapshot));
      }
      return snapshot.manifest().generation();
    }
  }

  /** Committed vectors drawn at random, without those of removed passages. */
  List<float[]> sampleVectors(int count, Random random) {
    return reading(
        () -> {
          List<float[]> drawn = new ArrayList<>();
          long size = snapshot.size();
          for (int i = 0; i < Math.min(count, size); i++) {
            drawn.add(snapshot.vector((long) (random.nextDouble() * size)));
          }
          return drawn;
        });
  }

  private interface Change {
    void apply(IndexWriter writer);
  }

  private void writing(Change change) {
    synchronized (writing) {
      try {
        change.apply(writer());
      } catch (IOException e) {
        throw new UncheckedIOException("can't write to index " + directory(), e);
      }
    }
  }

  private IndexWriter writer() throws IOException {
    requireOpen();
    if (writer == null) {
      Closeable lock = store.files().lock(store.directory());
      boolean done = false;
      try {
        // Another writer may have committed since this handle was opened.
        snapshot = store.openNewest(Optional.of(snapshot));
        writer = new IndexWriter(store, lock, snapshot);
        done = true;
      } finally {
        if (!done) {
          lock.close();
        }
      }
    }
    return writer;
  }

  private <T> T reading(Supplier<T> read) {
    inUse.readLock().lock();
    try {
      requireOpen();
      return read.get();
    } finally {
      inUse.readLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("index " + store.directory() + " is closed");
    }
  }

  /**
   * Waits for searches and commits in flight, then lets the index go; what is pending is forgotten.
   */
  @Override
  public void close() {
    synchronized (writing) {
      inUse.writeLock().lock();
      try {
        if (closed) {
          return;
        }
        closed = true;
        if (writer != null) {
          if (writer.pendingChanges() > 0) {
            LOG.warn(
                "index {} closed with {} uncommitted changes: they are lost",
                directory(),
                writer.pendingChanges());
          }
          writer.close();
        }
      } catch (IOException e) {
        LOG.warn("could not give back the write lock of index {}", directory(), e);
      } finally {
        inUse.writeLock().unlock();
      }
    }
  }
}
