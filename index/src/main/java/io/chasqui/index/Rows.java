package io.chasqui.index;

import io.chasqui.Passage;

/**
 * Passages with their vectors, in ascending order of passage id: what a segment is written from.
 */
interface Rows {
  int size();

  String id(int row);

  String documentId(int row);

  Passage passage(int row);

  /** Copies the vector of a row to {@code target}. */
  void copyVector(int row, float[] target);
}
