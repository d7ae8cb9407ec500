package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import io.chasqui.spi.Neighbours;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    if (snapshot.segments().size() != 1 || !snapshot.segments().get(0).hasGraph()) {
      throw new IOException("not one segment with a graph: " + snapshot.stats());
    }
    return new OpenedIndex(snapshot.segments().get(0));
  }

  /** The ids of the nearest passages. */
  public List<String> nearest(float[] query, int k, int breadth) {
    Neighbours found = segment.nearest(query, k, breadth, Filter.all(), false, Deadline.none());
    List<String> ids = new ArrayList<>();
    for (int ordinal : found.ordinals()) {
      ids.add(segment.ids().id(ordinal));
    }
    return ids;
  }
}
