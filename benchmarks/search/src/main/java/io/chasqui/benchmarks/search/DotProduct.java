package io.chasqui.benchmarks.search;

/** A dot product: of {@code query} and the floats of {@code rows} from an offset on. */
interface DotProduct {
  float of(float[] query, float[] rows, int offset);
}
