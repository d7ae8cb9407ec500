package io.chasqui.examples;

import io.chasqui.ChasquiException;
import io.chasqui.Chunker;
import io.chasqui.Document;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A batch job that encodes a JSONL corpus into a {@link PassageIndex} and can be killed at any
 * instant: started again, it skips what was committed and goes on behind it.
 *
 * <p>Needs memory for one batch and for what is not yet committed, whatever the size of the corpus.
 * Confined to one thread.
 */
final class JsonlIndexer {
  private static final int MESSAGES_KEPT = 10;

  private final Encoder encoder;
  private final PassageIndex index;
  private final Chunker chunker;
  private final Options options;

  /**
   * How the job works.
   *
   * @param batchPassages passages handed to the encoder at a time; it sorts them by length and
   *     batches them itself, so that more is better until memory counts
   * @param commitEvery longest time whose work a kill can lose
   * @param badLines what to do about a line that is no document
   */
  record Options(int batchPassages, Duration commitEvery, BadLines badLines) {
    Options {
      Objects.requireNonNull(badLines, "badLines");
      if (batchPassages < 1) {
        throw new IllegalArgumentException("batchPassages must be positive: " + batchPassages);
      }
      if (commitEvery.isNegative()) {
        throw new IllegalArgumentException("commitEvery must not be negative: " + commitEvery);
      }
    }

    static Options defaults() {
      return new Options(512, Duration.ofMinutes(1), BadLines.STOP);
    }

    Options withBatchPassages(int batchPassages) {
      return new Options(batchPassages, commitEvery, badLines);
    }

    Options withCommitEvery(Duration commitEvery) {
      return new Options(batchPassages, commitEvery, badLines);
    }

    Options withBadLines(BadLines badLines) {
      return new Options(batchPassages, commitEvery, badLines);
    }
  }

  /** What to do about a line that is no document. */
  enum BadLines {
    /** Commit what came before and throw. */
    STOP,
    /** Count it, keep its message for the report, and go on. */
    SKIP
  }

  /**
   * What has been done, so far or in all.
   *
   * @param lines lines read
   * @param documents documents indexed by this run
   * @param passages passages indexed by this run
   * @param alreadyThere documents that an earlier run had committed
   * @param empty documents without text or title
   * @param truncated passages that were cut at the model's limit
   * @param problems number of bad lines and of documents that could not be encoded
   * @param messages of the first problems
   * @param stopped whether it was asked to stop before the end
   * @param duration of this run
   */
  record Report(
      long lines,
      long documents,
      long passages,
      long alreadyThere,
      long empty,
      long truncated,
      long problems,
      List<String> messages,
      boolean stopped,
      Duration duration) {}

  /** Follows the job. */
  interface Progress {
    /**
     * Told after each batch.
     *
     * @param bytesRead bytes of the file read so far, as stored
     */
    void at(long bytesRead, Report soFar);
  }

  JsonlIndexer(Encoder encoder, PassageIndex index, Chunker chunker, Options options) {
    index.requireEncoder(encoder);
    this.encoder = encoder;
    this.index = index;
    this.chunker = chunker;
    this.options = options;
  }

  /**
   * Indexes what is not yet there; what it did is committed when this returns, and when it throws
   * because of a line or of the encoder.
   *
   * @param stop asked between documents, and when the encoder fails: a JVM that exits takes it
   *     away. True ends the job early; a batch that could not be encoded any more is left to the
   *     next run
   * @throws JsonlFormatException if a line is no document or repeats an id, unless bad lines are
   *     skipped
   * @throws ChasquiException if the encoder fails
   * @throws IllegalStateException if the encoder or the index is closed
   * @throws IOException if the corpus can't be read or the index not be written
   */
  Report run(Path corpus, Progress progress, BooleanSupplier stop) throws IOException {
    Run run = new Run(progress);
    try (JsonlReader reader = JsonlReader.open(corpus)) {
      try {
        return indexAll(reader, run, stop);
      } catch (ChasquiException | IllegalStateException e) {
        run.commitAfter(e);
        if (stop.getAsBoolean()) {
          return run.report(true);
        }
        throw e;
      }
    }
  }

  private Report indexAll(JsonlReader reader, Run run, BooleanSupplier stop) throws IOException {
    while (!stop.getAsBoolean()) {
      Optional<Document> document;
      try {
        document = reader.next();
        if (document.isEmpty()) {
          run.finish(reader);
          return run.report(false);
        }
        run.add(document.get(), reader);
      } catch (JsonlFormatException e) {
        run.problem(String.valueOf(e.getMessage()));
        if (options.badLines() == BadLines.STOP) {
          run.finish(reader);
          throw e;
        }
      }
    }
    run.finish(reader);
    return run.report(true);
  }

  /** The state of one run. */
  private final class Run {
    private final Progress progress;
    private final long start = System.nanoTime();
    private final long sizeAtStart = index.size();
    private final List<List<Passage>> batch = new ArrayList<>(); // passages by document
    private final Set<String> uncommitted = new HashSet<>();
    private final List<String> messages = new ArrayList<>();
    private long lastCommit = start;
    private int batchPassages;
    private long lines;
    private long documents;
    private long passages;
    private long alreadyThere;
    private long passagesAlreadyThere;
    private long empty;
    private long truncated;
    private long problems;

    Run(Progress progress) {
      this.progress = progress;
    }

    void add(Document document, JsonlReader reader) throws IOException {
      lines = reader.line();
      List<Passage> chunks = chunker.chunk(document);
      if (chunks.isEmpty() || (document.text().isBlank() && document.title().isBlank())) {
        empty++;
        return;
      }
      // A document's passages are committed together: the first stands for all.
      boolean committed = index.contains(chunks.get(0).id());
      if (committed && passagesAlreadyThere + chunks.size() <= sizeAtStart) {
        passagesAlreadyThere += chunks.size();
        alreadyThere++;
        return;
      }
      if (committed || !uncommitted.add(document.id())) {
        throw reader.problem("\"_id\" \"" + document.id() + "\" was there before");
      }
      batch.add(chunks);
      batchPassages += chunks.size();
      if (batchPassages >= options.batchPassages()) {
        encode(reader);
      }
    }

    void finish(JsonlReader reader) throws IOException {
      lines = reader.line();
      encode(reader);
      commit();
    }

    /** Commits what was added before a failure, which is thrown if that fails too. */
    void commitAfter(RuntimeException failure) {
      try {
        commit();
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
        throw failure;
      }
    }

    void problem(String message) {
      problems++;
      if (messages.size() < MESSAGES_KEPT) {
        messages.add(message);
      }
    }

    private void encode(JsonlReader reader) throws IOException {
      if (!batch.isEmpty()) {
        List<Passage> all = batch.stream().flatMap(List::stream).toList();
        Embeddings vectors = encoder.encodePassages(all);
        truncated += vectors.truncatedCount();
        if (vectors.hasFailures()) {
          addGood(vectors);
        } else {
          index.add(all, vectors);
          documents += batch.size();
          passages += all.size();
        }
        batch.clear();
        batchPassages = 0;
      }
      if (System.nanoTime() - lastCommit >= options.commitEvery().toNanos()) {
        commit();
      }
      progress.at(reader.bytesRead(), report(false));
    }

    /** Adds the documents all of whose passages have a vector; the next run tries the others. */
    private void addGood(Embeddings vectors) {
      List<Passage> good = new ArrayList<>();
      int dimension = vectors.dimension();
      float[] rows = new float[vectors.size() * dimension];
      int row = 0;
      for (List<Passage> document : batch) {
        Optional<String> failure = Optional.empty();
        for (int i = 0; i < document.size(); i++) {
          vectors.copyRow(row + i, rows, (good.size() + i) * dimension);
          if (failure.isEmpty()) {
            failure = vectors.failure(row + i);
          }
        }
        row += document.size();
        if (failure.isPresent()) {
          uncommitted.remove(document.get(0).documentId());
          problem("document \"" + document.get(0).documentId() + "\": " + failure.get());
        } else {
          good.addAll(document);
          documents++;
        }
      }
      passages += good.size();
      index.add(good, Embeddings.of(dimension, Arrays.copyOf(rows, good.size() * dimension)));
    }

    private void commit() throws IOException {
      index.commit();
      uncommitted.clear();
      lastCommit = System.nanoTime();
    }

    Report report(boolean stopped) {
      return new Report(
          lines,
          documents,
          passages,
          alreadyThere,
          empty,
          truncated,
          problems,
          List.copyOf(messages),
          stopped,
          Duration.ofNanos(System.nanoTime() - start));
    }
  }
}
