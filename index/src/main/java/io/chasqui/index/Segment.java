package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sealed segment of one generation, opened: its files never change; which rows are removed is
 * fixed too. Thread-safe.
 */
final class Segment {
  private static final Logger LOG = LoggerFactory.getLogger(Segment.class);

  /** Vectors that a walk through a graph compares for each one on its list of candidates. */
  private static final int COMPARED_PER_CANDIDATE = 16;

  /** Candidates from the codes that are scored by the full vectors, for each hit wanted. */
  private static final int RESCORED_PER_HIT = 3;

  /** Rows that a scan compares between two looks at the deadline. */
  private static final int ROWS_AT_A_TIME = 512;

  private final SegmentInfo info;
  private final IdTable ids;
  private final PassageStore passages;
  private final StoredVectors vectors;
  private final Optional<CodeVectors> codes;
  private final Optional<VectorGraph> graph;
  private final Bits removed;
  private final Bits live;
  private final FilterCache filters;

  /** A segment without its graph, as a {@link SegmentOpener} opens it. */
  Segment(
      SegmentInfo info,
      IdTable ids,
      PassageStore passages,
      StoredVectors vectors,
      Optional<CodeVectors> codes,
      Bits removed) {
    this(info, ids, passages, vectors, codes, Optional.empty(), removed, new FilterCache());
  }

  private Segment(
      SegmentInfo info,
      IdTable ids,
      PassageStore passages,
      StoredVectors vectors,
      Optional<CodeVectors> codes,
      Optional<VectorGraph> graph,
      Bits removed,
      FilterCache filters) {
    this.info = info;
    this.ids = ids;
    this.passages = passages;
    this.vectors = vectors;
    this.codes = codes;
    this.graph = graph;
    this.removed = removed;
    this.live = Bits.all(info.rows()).without(removed);
    this.filters = filters;
  }

  Segment withGraph(VectorGraph graph, FileInfo file) {
    SegmentInfo with = info.withGraph(file);
    return new Segment(with, ids, passages, vectors, codes, Optional.of(graph), removed, filters);
  }

  Segment withTombstones(Bits removed, FileInfo file) {
    SegmentInfo with = info.withTombstones(file, removed.count());
    return new Segment(with, ids, passages, vectors, codes, graph, removed, filters);
  }

  /** Reads all vectors and compares them with their checksums. */
  void verifyVectors() {
    vectors.verifyAll();
    codes.ifPresent(CodeVectors::verifyAll);
  }

  /** Closes files; what is still read from a released segment opens them again. */
  void release() {
    if (vectors instanceof ReadVectors read) {
      read.release();
    }
  }

  SegmentInfo info() {
    return info;
  }

  /** The vectors as they are kept. */
  VectorSource vectors() {
    return vectors;
  }

  /** What searches compare with at first: codes if there are any. */
  VectorSource compared() {
    return codes.isPresent() ? codes.get() : vectors;
  }

  IdTable ids() {
    return ids;
  }

  Bits removed() {
    return removed;
  }

  /** The rows that are not removed: not a copy. */
  Bits live() {
    return live;
  }

  boolean hasGraph() {
    return graph.isPresent();
  }

  Optional<VectorGraph> graph() {
    return graph;
  }

  /**
   * Whether a walk through the graph is cheaper than comparing every row that a filter accepts.
   *
   * @param accepted rows
   * @param list candidates that the walk keeps
   */
  boolean prefersWalk(int accepted, int list) {
    // Of n rows a walk must pass n / accepted to meet one that is accepted.
    return (long) accepted * accepted > (long) COMPARED_PER_CANDIDATE * list * info.rows();
  }

  Passage passage(int ordinal) {
    return passages.passage(ordinal);
  }

  Metadata metadata(int ordinal) {
    return passages.metadata(ordinal);
  }

  /** The ordinal of a passage that is not removed, −1 if it is not here. */
  int find(String id) {
    int ordinal = ids.ordinal(id);
    return ordinal < 0 || removed.get(ordinal) ? -1 : ordinal;
  }

  /**
   * The k nearest rows that the filter accepts; all of them if there are fewer.
   *
   * @param exact compare with every row
   */
  Neighbours nearest(
      float[] query, int k, int breadth, Filter filter, boolean exact, Deadline deadline) {
    Optional<Bits> matches =
        filter.equals(Filter.all())
            ? Optional.empty()
            : Optional.of(filters.matches(filter, this, deadline).without(removed));
    int count = matches.map(Bits::count).orElse(info.live());
    if (count == 0) {
      return new Neighbours(new int[0], new float[0]);
    }
    Bits accepted = matches.orElseGet(this::live);
    boolean rough = !exact && codes.isPresent();
    int wanted = rough ? Math.max(k, (int) Math.min(count, RESCORED_PER_HIT * (long) k)) : k;
    int list = Math.max(wanted, breadth);
    boolean walk = !exact && graph.isPresent() && prefersWalk(count, list);
    if (walk) {
      // A filter that matches only what lies far from the query lets a walk wander: it stops
      // where comparing every accepted row would have been cheaper.
      Neighbours found = graph.get().search(query, wanted, list, accepted::get, count);
      if (found.size() >= Math.min(wanted, count)) {
        return rough ? rescore(found, query, k) : found;
      }
      LOG.debug("the graph of {} reached {} of {} rows", info.name(), found.size(), wanted);
    }
    if (rough && count > wanted) {
      return rescore(scan(compared(), query, wanted, accepted, deadline), query, k);
    }
    return scan(vectors, query, Math.min(k, count), accepted, deadline);
  }

  private Neighbours scan(
      VectorSource source, float[] query, int k, Bits accepted, Deadline deadline) {
    VectorSource.Comparison comparison = source.compareWith(query);
    TopK best = new TopK(k);
    int[] ordinals = new int[ROWS_AT_A_TIME];
    float[] similarities = new float[ROWS_AT_A_TIME];
    for (int next = accepted.next(0); next >= 0; ) {
      deadline.check("searching segment " + info.name());
      int rows = 0;
      for (; next >= 0 && rows < ROWS_AT_A_TIME; next = accepted.next(next + 1)) {
        ordinals[rows++] = next;
      }
      comparison.similarities(ordinals, rows, similarities);
      for (int i = 0; i < rows; i++) {
        best.offer(ordinals[i], similarities[i]);
      }
    }
    return best.drain();
  }

  /** The k best of what the codes found, by the vectors as they are kept. */
  private Neighbours rescore(Neighbours found, float[] query, int k) {
    TopK best = new TopK(Math.min(k, found.size()));
    float[] similarities = new float[found.size()];
    vectors.compareWith(query).similarities(found.ordinals(), found.size(), similarities);
    for (int i = 0; i < found.size(); i++) {
      best.offer(found.ordinals()[i], similarities[i]);
    }
    return best.drain();
  }
}
