package io.chasqui.index;

import java.nio.ByteBuffer;

/**
 * Dot products. Stateless and thread-safe.
 *
 * <p>Rows that are mapped from a file are compared where they lie. What a kernel needs for that
 * differs between JDKs (a byte buffer or a memory segment), so it makes a handle of its own for a
 * mapping.
 */
interface Kernel {
  /** For the log. */
  String name();

  /** Of the first {@code length} floats of two arrays. */
  float dot(float[] a, float[] b, int length);

  /** Of the first {@code length} codes of two arrays; no code is −128. */
  int dot(byte[] a, byte[] b, int length);

  /** What the methods below take for this mapping, which is little-endian. */
  Object handle(ByteBuffer mapped);

  /** Of {@code length} floats that begin at a byte of a mapping, and of an array. */
  float dotMapped(Object handle, int at, float[] query, int length);

  /**
   * Of four rows of floats and one array: about as fast as two, for the memory is asked for four
   * rows at a time, and the array is read once.
   *
   * @param handles the mapping of each row
   * @param at the byte where each row begins
   * @param sums four
   */
  void dotMapped(Object[] handles, int[] at, float[] query, int length, float[] sums);

  /** Of {@code length} codes that begin at a byte of a mapping, and of codes in an array. */
  int dotMapped(Object handle, int at, short[] codes, int length);

  /** Of four rows of codes, as the one of floats. */
  void dotMapped(Object[] handles, int[] at, short[] codes, int length, int[] sums);
}
