package io.chasqui.index;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Dot products with the Vector API, in the widest registers of the machine. */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

  VectorKernel() {}

  @Override
  public String name() {
    return "Vector API, " + FLOATS.vectorBitSize() + " bits";
  }

  @Override
  public float dot(float[] a, float[] b, int length) {
    int lanes = FLOATS.length();
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    FloatVector s2 = FloatVector.zero(FLOATS);
    FloatVector s3 = FloatVector.zero(FLOATS);
    int i = 0;
    for (int end = length - 4 * lanes; i <= end; i += 4 * lanes) {
      s0 = FloatVector.fromArray(FLOATS, a, i).fma(FloatVector.fromArray(FLOATS, b, i), s0);
      s1 =
          FloatVector.fromArray(FLOATS, a, i + lanes)
              .fma(FloatVector.fromArray(FLOATS, b, i + lanes), s1);
      s2 =
          FloatVector.fromArray(FLOATS, a, i + 2 * lanes)
              .fma(FloatVector.fromArray(FLOATS, b, i + 2 * lanes), s2);
      s3 =
          FloatVector.fromArray(FLOATS, a, i + 3 * lanes)
              .fma(FloatVector.fromArray(FLOATS, b, i + 3 * lanes), s3);
    }
    float sum = s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
    for (; i < length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public int dot(byte[] a, byte[] b, int length) {
    int lanes = BYTES.length();
    IntVector s0 = IntVector.zero(INTS);
    IntVector s1 = IntVector.zero(INTS);
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      // Two products of codes, at most 2 * 127 * 127, fit a short.
      ShortVector products = products(a, b, i).add(products(a, b, i + lanes));
      s0 = s0.add(products.convertShape(VectorOperators.S2I, INTS, 0));
      s1 = s1.add(products.convertShape(VectorOperators.S2I, INTS, 1));
    }
    int sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static ShortVector products(byte[] a, byte[] b, int at) {
    ShortVector x =
        (ShortVector)
            ByteVector.fromArray(BYTES, a, at).convertShape(VectorOperators.B2S, SHORTS, 0);
    ShortVector y =
        (ShortVector)
            ByteVector.fromArray(BYTES, b, at).convertShape(VectorOperators.B2S, SHORTS, 0);
    return x.mul(y);
  }
}
