package io.chasqui.checkpoint;

/**
 * A prompt as the model gets it.
 *
 * @param ids token ids with special tokens, at least one; not copied: do not write to it
 * @param truncated whether text was cut away
 * @param sharedPrefix of a pair: number of leading ids that depend on the query alone; otherwise 0
 */
@SuppressWarnings("ArrayRecordComponent") // a hot-path carrier, compared by nobody
public record PreparedInput(int[] ids, boolean truncated, int sharedPrefix) {}
