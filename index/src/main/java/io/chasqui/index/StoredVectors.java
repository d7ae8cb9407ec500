package io.chasqui.index;

import io.chasqui.spi.VectorSource;

/** Vectors in a file, each block of which is verified when first touched. Thread-safe. */
interface StoredVectors extends VectorSource {
  /** Reads everything and compares it with its checksums. */
  void verifyAll();
}
