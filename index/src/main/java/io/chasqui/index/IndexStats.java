package io.chasqui.index;

/**
 * The size of an index as it was last committed. Immutable.
 *
 * @param generation number of the commit
 * @param passages that a search can return
 * @param removed passages that still take space until a compaction
 * @param segments sealed segments
 * @param graphs how many of them are searched through a graph
 * @param bytes of all files of this generation
 */
public record IndexStats(
    long generation, long passages, long removed, int segments, int graphs, long bytes) {}
