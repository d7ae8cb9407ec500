package io.chasqui.index;

import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An offline job: encodes passages, adds them to an index, commits now and then. Killed at any time
 * and run again over the same passages, it goes on: what was committed is not encoded again.
 *
 * <p>Passages are known by id: one that is in the index already is skipped, whatever its text. To
 * re-encode an index for another model, run a job from {@link PassageIndex#passages()} into a new
 * one.
 */
public final class IndexJob {
  private static final Logger LOG = LoggerFactory.getLogger(IndexJob.class);

  private IndexJob() {}

  /**
   * Where a job stands.
   *
   * @param added encoded and added by this run, committed or not yet
   * @param skipped found in the index
   * @param failed could not be encoded
   * @param truncated were cut at the model's limit, of those added
   * @param elapsed since the run began
   * @param passagesPerSecond encoded and added
   * @param left estimate of the time left; empty if the total is unknown or nothing is done yet
   */
  public record Progress(
      long added,
      long skipped,
      long failed,
      long truncated,
      Duration elapsed,
      double passagesPerSecond,
      Optional<Duration> left) {}

  /**
   * What a job did.
   *
   * @param progress at the end; everything is committed
   * @param failures reason by passage id, in order, of those that could not be encoded; the first
   *     thousand
   * @param generation of the index that holds it all
   */
  public record Report(Progress progress, Map<String, String> failures, long generation) {}

  private static final int FAILURES_KEPT = 1000;

  /**
   * Runs a job to its end. What is pending in the index is committed with it. If the encoder, the
   * listener or the passages throw, what was added is committed first. Then, and after a commit
   * that failed and left the index writable, the job can be run again on the same handle.
   *
   * @param listener told after every batch
   * @throws io.chasqui.SpaceMismatchException if the encoder's space is not the index's
   * @throws IOException if a commit fails; what was committed before stays
   * @throws IllegalArgumentException if an id occurs twice between two commits
   */
  public static Report run(
      PassageIndex index,
      Encoder encoder,
      Iterable<Passage> passages,
      IndexJobOptions options,
      Consumer<Progress> listener)
      throws IOException {
    index.requireEncoderOnce(encoder);
    if (index.pendingChanges() > 0) {
      index.commit(); // what is pending, say since a commit failed, could not be told apart
    }
    Run run = new Run(index, encoder, options, listener);
    try {
      return run.over(passages);
    } catch (RuntimeException e) {
      run.commitAfter(e);
      throw e;
    }
  }

  /** The counts of one run. */
  private static final class Run {
    private final PassageIndex index;
    private final Encoder encoder;
    private final IndexJobOptions options;
    private final Consumer<Progress> listener;
    private final long start = System.nanoTime();
    private final Map<String, String> failures = new LinkedHashMap<>();
    private long added;
    private long skipped;
    private long failed;
    private long truncated;
    private long uncommitted;

    Run(PassageIndex index, Encoder encoder, IndexJobOptions options, Consumer<Progress> listener) {
      this.index = index;
      this.encoder = encoder;
      this.options = options;
      this.listener = listener;
    }

    Report over(Iterable<Passage> passages) throws IOException {
      List<Passage> batch = new ArrayList<>();
      for (Passage passage : passages) {
        if (index.contains(passage.id())) {
          skipped++;
          continue;
        }
        batch.add(passage);
        if (batch.size() == options.batchSize()) {
          add(batch);
          batch.clear();
        }
      }
      add(batch);
      return finish();
    }

    /** Commits what was added before a failure; a second failure is added to it. */
    void commitAfter(RuntimeException failure) {
      try {
        index.commit();
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
    }

    private void add(List<Passage> batch) throws IOException {
      if (!batch.isEmpty()) {
        Embeddings vectors = encoder.encodePassages(batch);
        List<Passage> good = new ArrayList<>(batch.size());
        float[] values = new float[batch.size() * vectors.dimension()];
        for (int row = 0; row < batch.size(); row++) {
          Optional<String> failure = vectors.failure(row);
          if (failure.isPresent()) {
            fail(batch.get(row), failure.get());
          } else {
            vectors.copyRow(row, values, good.size() * vectors.dimension());
            good.add(batch.get(row));
            truncated += vectors.isTruncated(row) ? 1 : 0;
          }
        }
        float[] rows = Arrays.copyOf(values, good.size() * vectors.dimension());
        index.add(good, Embeddings.of(vectors.dimension(), rows));
        added += good.size();
        uncommitted += good.size();
        if (uncommitted >= options.commitEvery()) {
          index.commit();
          uncommitted = 0;
        }
      }
      listener.accept(progress());
    }

    private void fail(Passage passage, String reason) {
      failed++;
      if (failures.size() < FAILURES_KEPT) {
        failures.put(passage.id(), reason);
      }
      LOG.debug("passage {} could not be encoded: {}", passage.id(), reason);
    }

    private Progress progress() {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      double seconds = Math.max(1e-9, elapsed.toNanos() / 1e9);
      double rate = (added + failed) / seconds;
      long rest = options.total() - added - failed - skipped;
      Optional<Duration> left =
          options.total() == 0 || rate == 0
              ? Optional.empty()
              : Optional.of(Duration.ofMillis((long) (1000 * Math.max(0, rest) / rate)));
      return new Progress(added, skipped, failed, truncated, elapsed, rate, left);
    }

    private Report finish() throws IOException {
      long generation = index.commit();
      Report report = new Report(progress(), Collections.unmodifiableMap(failures), generation);
      LOG.info("indexed into {}: {}", index.directory(), report.progress());
      return report;
    }
  }
}
