package io.chasqui.index;

import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one writer of an index: holds the lock and what is pending. Confined by its handle. */
final class IndexWriter {
  private static final Logger LOG = LoggerFactory.getLogger(IndexWriter.class);

  /** Longest vector; the dot product of two such, and each sum on the way, stays finite. */
  static final double MAX_NORM = 1e18;

  private final Store store;
  private final Closeable lock;
  private final Canaries canaries;
  private final Pending pending = new Pending();
  private Snapshot snapshot;
  private Optional<IOException> broken = Optional.empty();

  IndexWriter(Store store, Closeable lock, Canaries canaries, Snapshot newest) {
    this.store = store;
    this.lock = lock;
    this.canaries = canaries;
    this.snapshot = newest;
  }

  Snapshot snapshot() {
    return snapshot;
  }

  long pendingChanges() {
    long removed = 0;
    for (Segment segment : snapshot.segments()) {
      removed += pending.removedOf(segment).count() - segment.info().removed();
    }
    return pending.size() + removed;
  }

  void add(List<Passage> passages, Embeddings vectors) {
    check(passages, vectors);
    for (Passage passage : passages) {
      if (isLive(passage.id())) {
        throw new IllegalArgumentException(
            "passage id \"" + passage.id() + "\" is in the index already; nothing was added");
      }
    }
    append(passages, vectors);
  }

  void upsert(List<Passage> passages, Embeddings vectors) {
    check(passages, vectors);
    Set<String> documents = new HashSet<>();
    for (Passage passage : passages) {
      if (documents.add(passage.documentId())) {
        removeDocument(passage.documentId());
      }
    }
    passages.forEach(passage -> remove(passage.id()));
    append(passages, vectors);
  }

  /** Everything that can be wrong with a batch, before anything is changed. */
  private void check(List<Passage> passages, Embeddings vectors) {
    requireUsable();
    int dimension = snapshot.manifest().space().dimension();
    if (vectors.dimension() != dimension) {
      throw new IllegalArgumentException(
          "vectors have dimension " + vectors.dimension() + "; the index has " + dimension);
    }
    if (passages.size() != vectors.size()) {
      throw new IllegalArgumentException(
          passages.size() + " passages but " + vectors.size() + " vectors");
    }
    Set<String> ids = new HashSet<>();
    List<String> failed = new ArrayList<>();
    float[] vector = new float[dimension];
    for (int row = 0; row < passages.size(); row++) {
      Passage passage = passages.get(row);
      if (!ids.add(passage.id())) {
        throw new IllegalArgumentException(
            "passage id \"" + passage.id() + "\" is twice in the list; nothing was added");
      }
      vectors
          .failure(row)
          .ifPresent(reason -> failed.add("\"" + passage.id() + "\" (" + reason + ")"));
      vectors.copyRow(row, vector, 0);
      checkVector(vector, "of passage \"" + passage.id() + "\"");
      if (snapshot.manifest().elements() == ElementType.FLOAT16) {
        checkHalf(vector, passage);
      }
    }
    if (!failed.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing was added: passages without a vector: " + String.join(", ", failed));
    }
  }

  /** Refuses what would make a dot product NaN or infinite. */
  static void checkVector(float[] vector, String whose) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    if (!(squares <= MAX_NORM * MAX_NORM)) { // also if NaN
      for (int i = 0; i < vector.length; i++) {
        if (!Float.isFinite(vector[i])) {
          throw new IllegalArgumentException(
              "the vector " + whose + " holds " + vector[i] + " at " + i);
        }
      }
      throw new IllegalArgumentException(
          "the vector " + whose + " has length " + Math.sqrt(squares) + ", above " + MAX_NORM);
    }
  }

  private static void checkHalf(float[] vector, Passage passage) {
    for (float value : vector) {
      if (Math.abs(value) > Half.MAX) {
        throw new IllegalArgumentException(
            "the vector of passage \""
                + passage.id()
                + "\" holds "
                + value
                + ", above FLOAT16's "
                + Half.MAX);
      }
    }
  }

  private void append(List<Passage> passages, Embeddings vectors) {
    for (int row = 0; row < passages.size(); row++) {
      pending.add(passages.get(row), vectors.row(row));
    }
  }

  private boolean isLive(String id) {
    return pending.contains(id)
        || snapshot
            .find(id)
            .filter(place -> !pending.isRemoved(place.segment(), place.ordinal()))
            .isPresent();
  }

  /** Whether there was such a passage. */
  boolean remove(String id) {
    requireUsable();
    if (pending.removeAdded(id)) {
      return true;
    }
    return snapshot
        .find(id)
        .filter(place -> pending.remove(place.segment(), place.ordinal()))
        .isPresent();
  }

  /** The number of passages that were removed. */
  int removeDocument(String documentId) {
    requireUsable();
    int count = 0;
    for (String id : pending.addedOfDocument(documentId)) {
      pending.removeAdded(id);
      count++;
    }
    for (Segment segment : snapshot.segments()) {
      for (int ordinal : segment.ids().ordinalsOfDocument(documentId)) {
        if (pending.remove(segment, ordinal)) {
          count++;
        }
      }
    }
    return count;
  }

  void rollback() {
    pending.clear();
    canaries.forget();
  }

  /** Commits what is pending; the new snapshot, or the old one if nothing was pending. */
  Snapshot commit(IntConsumer graphProgress) throws IOException {
    requireUsable();
    return pending.isEmpty()
        ? snapshot
        : commit(MergePolicy.choose(snapshot.segments(), pending), graphProgress);
  }

  /** Commits, and writes everything into one segment without gaps. */
  Snapshot compact(IntConsumer graphProgress) throws IOException {
    requireUsable();
    boolean compacted =
        snapshot.segments().size() <= 1
            && snapshot.segments().stream().allMatch(s -> s.info().removed() == 0);
    return pending.isEmpty() && compacted ? snapshot : commit(snapshot.segments(), graphProgress);
  }

  private Snapshot commit(List<Segment> merged, IntConsumer graphProgress) throws IOException {
    Manifest before = snapshot.manifest();
    SegmentFiles files =
        new SegmentFiles(
            store.files(), store.directory(), before, Graphs.find(before.options().graph()));
    try {
      List<Segment> segments = new ArrayList<>();
      for (Segment segment : snapshot.segments()) {
        if (merged.contains(segment)) {
          continue;
        }
        Bits removed = pending.removedOf(segment);
        if (!pending.changes(segment)) {
          segments.add(segment);
        } else if (removed.count() < segment.info().rows()) {
          segments.add(files.writeTombstones(segment, removed));
        }
      }
      MergedRows rows = new MergedRows(pending, merged);
      if (rows.size() > 0) {
        segments.add(files.writeSegment(rows, graphProgress));
      }
      Manifest manifest =
          before
              .next(segments.stream().map(Segment::info).toList())
              .withCanaries(canaries.toWrite(before));
      files.publish(manifest);
      snapshot = new Snapshot(manifest, segments);
    } catch (IOException | RuntimeException | Error e) {
      files.takeBack(e);
      if (e instanceof IOException) {
        store.files().reclaim(); // the next try may need the space
      }
      if (e instanceof SyncFailedException || e instanceof FileAlreadyExistsException) {
        broken = Optional.of((IOException) e);
        LOG.warn("the writer of index {} closes itself: {}", store.directory(), e.toString());
        closeAfter(e);
      }
      throw e;
    }
    pending.clear();
    store.cleanUp();
    return snapshot;
  }

  private void requireUsable() {
    broken.ifPresent(
        failure -> {
          throw new IllegalStateException(
              "the writer of index "
                  + store.directory()
                  + " closed itself after a failed commit; close the index and open it again to write",
              failure);
        });
  }

  /** Lets another handle write. */
  private void closeAfter(Throwable failure) {
    try {
      lock.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  void close() throws IOException {
    lock.close();
  }
}
