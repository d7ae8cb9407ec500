package io.chasqui.index;

/** Dot products over arrays. Stateless and thread-safe. */
interface Kernel {
  /** For the log. */
  String name();

  /** Of the first {@code length} floats of two arrays. */
  float dot(float[] a, float[] b, int length);

  /** Of the first {@code length} codes of two arrays; no code is −128. */
  int dot(byte[] a, byte[] b, int length);
}
