package io.chasqui.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A segment as the manifest knows it: its files, and which of its rows are removed.
 *
 * @param name of its files, without suffix
 * @param rows passages in it, removed ones too
 * @param removed number of removed rows
 * @param files what never changes
 * @param graph derived from the vectors; absent in small segments
 * @param tombstones removed rows; absent if there are none
 */
record SegmentInfo(
    String name,
    int rows,
    int removed,
    Files files,
    Optional<FileInfo> graph,
    Optional<FileInfo> tombstones) {
  /**
   * The files of a segment that never change.
   *
   * @param vectors rows of numbers, in order of passage id
   * @param ids passage ids in ascending order, and document ids
   * @param passages titles, texts, metadata
   * @param codes quantised vectors, if the element type has them
   */
  record Files(FileInfo vectors, FileInfo ids, FileInfo passages, Optional<FileInfo> codes) {}

  SegmentInfo withTombstones(FileInfo tombstones, int removed) {
    return new SegmentInfo(name, rows, removed, files, graph, Optional.of(tombstones));
  }

  SegmentInfo withGraph(FileInfo graph) {
    return new SegmentInfo(name, rows, removed, files, Optional.of(graph), tombstones);
  }

  int live() {
    return rows - removed;
  }

  List<FileInfo> all() {
    List<FileInfo> all = new ArrayList<>(List.of(files.vectors, files.ids, files.passages));
    files.codes.ifPresent(all::add);
    graph.ifPresent(all::add);
    tombstones.ifPresent(all::add);
    return all;
  }
}
