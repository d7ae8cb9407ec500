package io.chasqui.djl;

/** Which hidden states of a block come out. */
enum Readout {
  /** The last real token's of each row, [rows, hidden]. */
  LAST,
  /** The first token's, [rows, hidden]. */
  FIRST,
  /** The mean over each row's real tokens, [rows, hidden]. */
  MEAN,
  /** All, padding included, [rows, longest, hidden]. */
  ALL
}
