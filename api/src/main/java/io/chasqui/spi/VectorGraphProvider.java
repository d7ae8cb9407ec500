package io.chasqui.spi;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntConsumer;

/**
 * Makes graphs of one kind; found with {@link java.util.ServiceLoader} by the name written in an
 * index.
 */
public interface VectorGraphProvider {
  /** The name written into index manifests: "jelmerk-hnsw". Never changes once published. */
  String name();

  /**
   * Builds a graph over all of the source's vectors.
   *
   * @param progress told the number of vectors added so far, now and then, by any of the building
   *     threads: by several at a time, in no order
   */
  VectorGraph build(VectorSource vectors, GraphOptions options, IntConsumer progress);

  /**
   * Reads what {@link VectorGraph#write} wrote, over the same vectors.
   *
   * @throws IOException if the bytes are no such graph; the caller rebuilds
   */
  VectorGraph read(InputStream in, VectorSource vectors, GraphOptions options) throws IOException;
}
