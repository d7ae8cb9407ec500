package io.chasqui.index;

import java.util.Optional;

/**
 * A segment as the manifest knows it: its files, and which of its rows are removed.
 *
 * @param name of its files, without suffix
 * @param rows passages in it, removed ones too
 * @param vectors rows of floats, in order of passage id
 * @param ids passage ids in ascending order, and document ids
 * @param passages titles, texts, metadata
 * @param graph derived from the vectors; absent in small segments
 * @param tombstones removed rows; absent if there are none
 * @param removed number of removed rows
 */
record SegmentInfo(
    String name,
    int rows,
    FileInfo vectors,
    FileInfo ids,
    FileInfo passages,
    Optional<FileInfo> graph,
    Optional<FileInfo> tombstones,
    int removed) {
  SegmentInfo withTombstones(FileInfo tombstones, int removed) {
    return new SegmentInfo(
        name, rows, vectors, ids, passages, graph, Optional.of(tombstones), removed);
  }

  int live() {
    return rows - removed;
  }
}
