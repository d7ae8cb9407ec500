package io.chasqui.index;

import io.chasqui.spi.VectorSource;

/** Vectors mapped from a file, each block of which is verified when first touched. Thread-safe. */
interface MappedVectors extends VectorSource {
  /** Reads everything and compares it with its checksums. */
  void verifyAll();
}
