/** The HNSW graph of jelmerk hnswlib behind {@link io.chasqui.spi.VectorGraph}. */
@NullMarked
package io.chasqui.hnsw;

import org.jspecify.annotations.NullMarked;
