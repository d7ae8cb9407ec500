package io.chasqui.hnsw;

/** Who is linked with whom, on each level: what a {@link Walk} follows. */
interface LinkTable {
  /** The most links of a node on any level. */
  int maxLinks();

  /**
   * Copies the links of a node.
   *
   * @param level from 0, where all nodes are
   * @return how many
   */
  int links(int level, int ordinal, int[] target);
}
