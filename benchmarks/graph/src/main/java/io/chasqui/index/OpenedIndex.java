package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * An index of one segment, searched with any breadth: users set one for an index, a benchmark looks
 * for the one that reaches a recall.
 */
public final class OpenedIndex {
  private final Segment segment;

  private OpenedIndex(Segment segment) {
    this.segment = segment;
  }

  /** Opens the newest generation. */
  public static OpenedIndex open(Path directory) throws IOException {
    Snapshot snapshot = new Store(DiskFiles.INSTANCE, directory).openNewest(Optional.empty());
    if (snapshot.segments().size() != 1) {
      throw new IOException("not one segment: " + snapshot.stats());
    }
    return new OpenedIndex(snapshot.segments().get(0));
  }

  /** The ids of the nearest passages. */
  public List<String> nearest(float[] query, int k, int breadth) {
    return nearest(query, k, breadth, Filter.all());
  }

  /** The ids of the nearest passages that a filter accepts. */
  public List<String> nearest(float[] query, int k, int breadth, Filter filter) {
    return ids(segment.nearest(query, k, breadth, filter, false, Deadline.none()));
  }

  /** The true ones. */
  public List<String> exact(float[] query, int k, Filter filter) {
    return ids(segment.nearest(query, k, k, filter, true, Deadline.none()));
  }

  /** The nearest passages by a walk through the graph, whatever it costs; not scored again. */
  public List<String> walk(float[] query, int breadth, IntPredicate accept) {
    VectorGraph graph = segment.graph().orElseThrow();
    return ids(graph.search(query, breadth, breadth, accept));
  }

  /** Whether {@link #nearest} begins with a walk. */
  public boolean prefersWalk(int accepted, int breadth) {
    return segment.prefersWalk(accepted, breadth);
  }

  private List<String> ids(Neighbours found) {
    List<String> ids = new ArrayList<>();
    for (int ordinal : found.ordinals()) {
      ids.add(segment.ids().id(ordinal));
    }
    return ids;
  }
}
