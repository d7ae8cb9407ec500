package io.chasqui.benchmarks.search;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** With the Vector API: the widest registers, four sums side by side. */
final class VectorDotProduct implements DotProduct {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  @Override
  public float of(float[] query, float[] rows, int offset) {
    int lanes = FLOATS.length();
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    FloatVector s2 = FloatVector.zero(FLOATS);
    FloatVector s3 = FloatVector.zero(FLOATS);
    int i = 0;
    for (int end = query.length - 4 * lanes; i <= end; i += 4 * lanes) {
      s0 = load(query, i).fma(load(rows, offset + i), s0);
      s1 = load(query, i + lanes).fma(load(rows, offset + i + lanes), s1);
      s2 = load(query, i + 2 * lanes).fma(load(rows, offset + i + 2 * lanes), s2);
      s3 = load(query, i + 3 * lanes).fma(load(rows, offset + i + 3 * lanes), s3);
    }
    float sum = s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    for (; i < query.length; i++) {
      sum += query[i] * rows[offset + i];
    }
    return sum;
  }

  private static FloatVector load(float[] values, int at) {
    return FloatVector.fromArray(FLOATS, values, at);
  }
}
