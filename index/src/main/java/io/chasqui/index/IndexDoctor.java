package io.chasqui.index;

import io.chasqui.ChasquiException;
import io.chasqui.IndexCorruptException;
import io.chasqui.spi.VectorGraphProvider;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What can be done for an index that does not open, or does not find what it should. */
public final class IndexDoctor {
  private static final Logger LOG = LoggerFactory.getLogger(IndexDoctor.class);

  private IndexDoctor() {}

  /**
   * Reads every byte of every generation and says what is damaged. Changes nothing; takes about a
   * second per gigabyte.
   *
   * @throws NoSuchFileException if there is no index
   */
  public static IndexReport check(Path directory) throws IOException {
    return check(DiskFiles.INSTANCE, directory);
  }

  static IndexReport check(FileLayer files, Path directory) throws IOException {
    List<IndexReport.Generation> generations = new ArrayList<>();
    for (long generation : generations(new Store(files, directory))) {
      generations.add(check(files, directory, generation));
    }
    return new IndexReport(directory, generations);
  }

  private static List<Long> generations(Store store) throws IOException {
    List<Long> generations = store.generations();
    if (generations.isEmpty()) {
      throw new NoSuchFileException(
          store.directory().toString(), null, "there is no index here (no MANIFEST-<generation>)");
    }
    return generations;
  }

  private static IndexReport.Generation check(FileLayer files, Path directory, long generation) {
    List<String> problems = new ArrayList<>();
    List<String> graphProblems = new ArrayList<>();
    long passages = -1;
    try {
      Manifest manifest = Manifest.read(files, directory, generation);
      passages = manifest.segments().stream().mapToLong(SegmentInfo::live).sum();
      SegmentOpener opener = new SegmentOpener(files, directory, manifest);
      for (SegmentInfo info : manifest.segments()) {
        collect(problems, () -> opener.open(info).verifyVectors());
        info.graph()
            .ifPresent(
                graph ->
                    collect(
                        graphProblems,
                        () ->
                            FramedFile.open(
                                    files,
                                    directory.resolve(graph.name()),
                                    FileType.GRAPH,
                                    Optional.of(graph))
                                .verifyAll()));
      }
    } catch (IOException | IndexCorruptException | IndexVersionException e) {
      problems.add(e.toString());
    }
    return new IndexReport.Generation(generation, passages, problems, graphProblems);
  }

  private interface Check {
    void run() throws IOException;
  }

  private static void collect(List<String> problems, Check check) {
    try {
      check.run();
    } catch (IOException | IndexCorruptException | IndexVersionException e) {
      problems.add(e.toString());
    }
  }

  /**
   * Makes an older generation the newest, under a new number. What was committed after it is given
   * up.
   *
   * @param generation an intact one, as {@link #check} lists them
   * @return the number under which it is found from now on
   * @throws IndexCorruptException if that generation is damaged too; nothing is changed
   * @throws IndexLockedException if somebody is writing
   */
  public static long rollback(Path directory, long generation) throws IOException {
    return rollback(DiskFiles.INSTANCE, directory, generation);
  }

  static long rollback(FileLayer files, Path directory, long generation) throws IOException {
    Store store = new Store(files, directory);
    try (Closeable lock = files.lock(directory)) {
      LOG.debug("holding {}", lock);
      List<Long> generations = generations(store);
      Snapshot good = store.open(generation, Optional.empty());
      good.segments().forEach(Segment::verifyVectors);
      Manifest last = good.manifest().withGeneration(generations.get(0));
      publish(store, last, last.next(good.manifest().segments()));
      for (long newer : generations) {
        if (newer > generation) {
          files.delete(directory.resolve(last.withGeneration(newer).fileName()));
        }
      }
      store.cleanUp();
      LOG.info("index {} is back at generation {}", directory, generation);
      return generations.get(0) + 1;
    }
  }

  private static void publish(Store store, Manifest before, Manifest manifest) throws IOException {
    SegmentFiles writer =
        new SegmentFiles(store.files(), store.directory(), before, Optional.empty());
    try {
      writer.publish(manifest);
    } catch (IOException e) {
      writer.takeBack(e);
      throw e;
    }
  }

  /**
   * Builds all graphs of the newest generation anew and commits them.
   *
   * @return the new generation; the newest as it is if it has no graphs
   * @throws IndexLockedException if somebody is writing
   */
  public static long rebuildGraphs(Path directory) throws IOException {
    return rebuildGraphs(DiskFiles.INSTANCE, directory);
  }

  static long rebuildGraphs(FileLayer files, Path directory) throws IOException {
    Store store = new Store(files, directory);
    try (Closeable lock = files.lock(directory)) {
      LOG.debug("holding {}", lock);
      Manifest manifest = Manifest.read(files, directory, generations(store).get(0));
      Optional<VectorGraphProvider> graphs = Graphs.find(manifest.options().graph());
      if (graphs.isEmpty()) {
        return manifest.generation();
      }
      SegmentFiles writer = new SegmentFiles(files, directory, manifest, graphs);
      try {
        List<SegmentInfo> segments = new ArrayList<>();
        SegmentOpener opener = new SegmentOpener(files, directory, manifest);
        for (SegmentInfo info : manifest.segments()) {
          Segment segment = opener.open(info);
          segments.add(writer.rewriteGraph(segment, done -> {}).info());
        }
        writer.publish(manifest.next(segments));
      } catch (IOException | ChasquiException e) {
        writer.takeBack(e);
        throw e;
      }
      store.cleanUp();
      return manifest.generation() + 1;
    }
  }

  /**
   * Measures the recall of {@code search} with queries of the application's own.
   *
   * @param queries vectors of queries, as {@code encoder.encodeQueries} gives them
   * @param progress told after each query how many are done; exact searches take their time
   */
  public static RecallReport recall(
      PassageIndex index, int k, List<float[]> queries, IntConsumer progress) {
    return new RecallMeter(index, k)
        .measure(
            queries.stream().map(v -> new RecallMeter.Query(v, Optional.empty())).toList(),
            progress);
  }

  /**
   * Measures the recall of {@code search} with passages of the index as queries; none counts as its
   * own hit. Queries proper lie farther from passages than these do from each other: if there are
   * some, they tell more.
   *
   * @param queries how many passages are drawn, some perhaps twice
   * @param seed of the draw
   * @param progress told after each query how many are done
   */
  public static RecallReport recall(
      PassageIndex index, int k, int queries, long seed, IntConsumer progress) {
    return new RecallMeter(index, k)
        .measure(index.reads().sample(queries, new Random(seed)), progress);
  }
}
