package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.VectorSearch;
import io.chasqui.internal.Lease;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
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
  private final Lease lease;
  private final Canaries canaries = new Canaries();
  private final WriteSide writing;
  private final ReadSide reads;

  /**
   * @param lock that of the writer, if this handle holds it already
   */
  private PassageIndex(Store store, Snapshot newest, Optional<Closeable> lock) {
    this.store = store;
    this.lease = new Lease(name());
    this.writing = new WriteSide(store, lease, canaries, newest, lock);
    this.reads = new ReadSide(lease, writing);
    LOG.info("opened {}: {}", name(), newest.stats());
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
    Store store = new Store(files, directory);
    Store.Created created = store.create(space, options);
    return new PassageIndex(store, created.snapshot(), Optional.of(created.lock()));
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
    return new PassageIndex(store, store.openNewest(Optional.empty()), Optional.empty());
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
    return writing.seen().manifest().space();
  }

  /** The options that the index was created with. */
  public IndexOptions options() {
    return writing.seen().manifest().options();
  }

  private String name() {
    return "index " + store.directory();
  }

  /** Where the index lies. */
  public Path directory() {
    return store.directory();
  }

  /** Number of passages that a search can return. */
  public long size() {
    return reads.of(Snapshot::size);
  }

  /** Sizes as of the last commit. */
  public IndexStats stats() {
    return reads.of(Snapshot::stats);
  }

  /** Whether a passage of this id was committed. */
  public boolean contains(String id) {
    return reads.of(seen -> seen.find(id).isPresent());
  }

  /** The committed passage of this id. */
  public Optional<Passage> get(String id) {
    return reads.of(seen -> seen.find(id).map(Snapshot.Place::passage));
  }

  /**
   * All passages committed when this is called, read one by one; what is committed later does not
   * show. In ascending order of id within each segment.
   */
  public Iterable<Passage> passages() {
    Snapshot seen = reads.of(now -> now);
    return () -> seen.passages().iterator();
  }

  /**
   * Compares all vectors of the generation that this handle sees with their checksums, those apart
   * that were compared since it was opened; {@link #open} has compared everything else. Takes about
   * a second per gigabyte, or as long as the disk takes to read it.
   *
   * @throws io.chasqui.IndexCorruptException if a block is damaged
   * @see IndexDoctor#check for all generations, and a report instead of an exception
   */
  public void verify() {
    reads.verify();
  }

  /**
   * Makes sure that an encoder is the one that filled this index: by its space, and by the vectors
   * that it gives to eight short texts, the canaries. Worth a call before the first search of a
   * process.
   *
   * <p>The canaries are recorded with the first commit after {@link #add(List, Encoder)}, {@link
   * IndexJob} or this; an index that was filled with ready vectors has none.
   *
   * @throws io.chasqui.SpaceMismatchException naming the attribute that differs, or the text whose
   *     vector has moved by more than a tenth of its length
   */
  public void requireEncoder(Encoder encoder) {
    lease.checkOpen();
    canaries.require(encoder, writing.seen().manifest(), name());
  }

  void requireEncoderOnce(Encoder encoder) {
    lease.checkOpen();
    canaries.requireOnce(encoder, writing.seen().manifest(), name());
  }

  /**
   * Hands over all passages committed when this is called with their vectors, as they are stored:
   * to search them by other means, or to write them elsewhere.
   *
   * @param batchSize passages handed over at a time, at least 1
   * @param receiver given the passages and one row for each
   */
  public void export(int batchSize, BiConsumer<List<Passage>, Embeddings> receiver) {
    reads.export(batchSize, receiver);
  }

  @Override
  public List<ScoredPassage> search(float[] vector, int k, Filter filter, Deadline deadline) {
    return reads.search(vector, k, filter, deadline, false);
  }

  /** {@link #search(float[], int, Filter, Deadline)} without filter and deadline. */
  public List<ScoredPassage> search(float[] vector, int k) {
    return search(vector, k, Filter.all(), Deadline.none());
  }

  /**
   * The same as {@code search}, but compared with every vector: the truth that a graph approaches.
   */
  public List<ScoredPassage> searchExact(float[] vector, int k, Filter filter, Deadline deadline) {
    return reads.search(vector, k, filter, deadline, true);
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
    writing.change(writer -> writer.add(passages, vectors));
  }

  /**
   * Encodes passages and adds them. Checks the first encoder that this handle meets as {@link
   * #requireEncoder} does, of later ones the space.
   *
   * @throws io.chasqui.SpaceMismatchException if it is not the encoder that filled the index
   */
  public void add(List<Passage> passages, Encoder encoder) {
    requireEncoderOnce(encoder);
    add(passages, encoder.encodePassages(passages));
  }

  /**
   * Adds passages in place of whatever there was of their documents, and of the same ids.
   *
   * @param passages all passages of each document that occurs: others of it are removed
   * @throws IllegalArgumentException as {@link #add(List, Embeddings)}, but for ids that are there
   */
  public void upsert(List<Passage> passages, Embeddings vectors) {
    writing.change(writer -> writer.upsert(passages, vectors));
  }

  /** Encodes passages and upserts them; checks the encoder as {@link #add(List, Encoder)} does. */
  public void upsert(List<Passage> passages, Encoder encoder) {
    requireEncoderOnce(encoder);
    upsert(passages, encoder.encodePassages(passages));
  }

  /**
   * Removes passages by id.
   *
   * @return how many of them there were
   */
  public int remove(Collection<String> passageIds) {
    return writing.remove(passageIds);
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
    return writing.removeDocuments(documentIds);
  }

  /** Number of passages added and removed since the last commit. */
  public long pendingChanges() {
    return writing.pendingChanges();
  }

  /** Forgets what was added and removed since the last commit. */
  public void rollback() {
    writing.rollback();
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
    return writing.commit(graphProgress);
  }

  /** Commits, and gives back the space of removed passages: everything becomes one segment. */
  public long compact() throws IOException {
    return writing.compact(done -> {});
  }

  /** Sees what another handle or process has committed meanwhile; the generation seen. */
  public long refresh() throws IOException {
    return writing.refresh();
  }

  /** What searches this, for measurements. */
  ReadSide reads() {
    return reads;
  }

  /**
   * Waits for searches and commits in flight, then lets the index go; what is pending is forgotten.
   */
  @Override
  public void close() {
    lease.close(writing::close);
  }
}
