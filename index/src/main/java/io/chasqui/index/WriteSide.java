package io.chasqui.index;

import io.chasqui.internal.Lease;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a handle changes its index with. The first change takes the index's lock, which is held
 * until {@link #close}. Thread-safe: one change at a time; searches never wait for any.
 */
final class WriteSide {
  private static final Logger LOG = LoggerFactory.getLogger(WriteSide.class);

  private final Store store;
  private final Lease lease;
  private final Canaries canaries;
  private volatile Snapshot seen;
  private Optional<IndexWriter> writer;

  /**
   * @param lease refuses changes once it is closed
   * @param canaries of the handle, for the next manifest
   * @param seen by searches, until the next commit
   * @param lock if it is held already
   */
  WriteSide(Store store, Lease lease, Canaries canaries, Snapshot seen, Optional<Closeable> lock) {
    this.store = store;
    this.lease = lease;
    this.canaries = canaries;
    this.seen = seen;
    this.writer = lock.map(held -> new IndexWriter(store, held, canaries, seen));
  }

  /** What searches see. Never waits. */
  Snapshot seen() {
    return seen;
  }

  private void see(Snapshot next) {
    Snapshot before = seen;
    seen = next;
    before.releaseUnlessIn(next.segments());
  }

  interface Change {
    void apply(IndexWriter writer);
  }

  synchronized void change(Change change) {
    try {
      change.apply(writer());
    } catch (IOException e) {
      throw new UncheckedIOException("can't write to index " + store.directory(), e);
    }
  }

  /** The number of passages that there were. */
  int remove(Collection<String> passageIds) {
    int[] count = {0};
    change(writer -> passageIds.forEach(id -> count[0] += writer.remove(id) ? 1 : 0));
    return count[0];
  }

  /** The number of passages that there were of these documents. */
  int removeDocuments(Collection<String> documentIds) {
    int[] count = {0};
    change(writer -> documentIds.forEach(id -> count[0] += writer.removeDocument(id)));
    return count[0];
  }

  private IndexWriter writer() throws IOException {
    lease.checkOpen();
    if (writer.isEmpty()) {
      Closeable lock = store.files().lock(store.directory());
      boolean done = false;
      try {
        // Another writer may have committed since this handle was opened.
        Snapshot newest = store.openNewest(Optional.of(seen));
        see(newest);
        writer = Optional.of(new IndexWriter(store, lock, canaries, newest));
        done = true;
      } finally {
        if (!done) {
          lock.close();
        }
      }
    }
    return writer.get();
  }

  synchronized long pendingChanges() {
    lease.checkOpen();
    return writer.map(IndexWriter::pendingChanges).orElse(0L);
  }

  synchronized void rollback() {
    lease.checkOpen();
    writer.ifPresent(IndexWriter::rollback);
  }

  /** The generation that holds what was pending. */
  synchronized long commit(IntConsumer graphProgress) throws IOException {
    lease.checkOpen();
    if (writer.isPresent()) {
      see(writer.get().commit(graphProgress));
    }
    return seen.manifest().generation();
  }

  synchronized long compact(IntConsumer graphProgress) throws IOException {
    see(writer().compact(graphProgress));
    return seen.manifest().generation();
  }

  /** Sees what another writer has committed; a writer itself sees what it committed. */
  synchronized long refresh() throws IOException {
    lease.checkOpen();
    if (writer.isEmpty()) {
      see(store.openNewest(Optional.of(seen)));
    }
    return seen.manifest().generation();
  }

  /** Gives the lock back; what is pending is forgotten. */
  synchronized void close() {
    seen.releaseUnlessIn(List.of());
    if (writer.isEmpty()) {
      return;
    }
    long pending = writer.get().pendingChanges();
    if (pending > 0) {
      LOG.warn(
          "index {} closed with {} uncommitted changes: they are lost", store.directory(), pending);
    }
    try {
      writer.get().close();
    } catch (IOException e) {
      LOG.warn("could not give back the write lock of index {}", store.directory(), e);
    }
  }
}
