package io.chasqui.index;

import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dot products with the Vector API, in the widest registers of the machine.
 *
 * <p>Each row has two sums, alone and among four, so that its similarity does not depend on the
 * company in which it was compared.
 */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

  /** Constants, so that the compiler sees through them. */
  private static final MethodHandle LOAD_FLOATS =
      MappedLoads.of(FloatVector.class, VectorSpecies.class, FLOATS, ByteOrder.LITTLE_ENDIAN);

  private static final MethodHandle LOAD_BYTES =
      MappedLoads.of(ByteVector.class, VectorSpecies.class, BYTES, ByteOrder.LITTLE_ENDIAN);

  /** The same memory twice: for vectors, and for the numbers behind the last whole one. */
  private record Mapping(ByteBuffer bytes, Object memory) {}

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
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      s0 = FloatVector.fromArray(FLOATS, a, i).fma(FloatVector.fromArray(FLOATS, b, i), s0);
      s1 =
          FloatVector.fromArray(FLOATS, a, i + lanes)
              .fma(FloatVector.fromArray(FLOATS, b, i + lanes), s1);
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
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
      ShortVector products =
          widen(ByteVector.fromArray(BYTES, a, i))
              .mul(widen(ByteVector.fromArray(BYTES, b, i)))
              .add(
                  widen(ByteVector.fromArray(BYTES, a, i + lanes))
                      .mul(widen(ByteVector.fromArray(BYTES, b, i + lanes))));
      s0 = s0.add(low(products));
      s1 = s1.add(high(products));
    }
    int sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static ShortVector widen(ByteVector codes) {
    return (ShortVector) codes.convertShape(VectorOperators.B2S, SHORTS, 0);
  }

  /** Every other short as an int; shifts need no crossing of lanes, as widening would. */
  private static IntVector low(ShortVector products) {
    return products
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 16);
  }

  /** The other shorts as ints. */
  private static IntVector high(ShortVector products) {
    return products.reinterpretAsInts().lanewise(VectorOperators.ASHR, 16);
  }

  @Override
  public Object handle(ByteBuffer mapped) {
    return new Mapping(mapped, MappedLoads.memory(mapped));
  }

  private static FloatVector floats(Object memory, int at) {
    try {
      return (FloatVector) LOAD_FLOATS.invokeExact(memory, at);
    } catch (Throwable e) {
      throw MappedLoads.unchecked(e);
    }
  }

  private static ShortVector codes(Object memory, int at) {
    try {
      return widen((ByteVector) LOAD_BYTES.invokeExact(memory, at));
    } catch (Throwable e) {
      throw MappedLoads.unchecked(e);
    }
  }

  @Override
  public float dotMapped(Object handle, int at, float[] query, int length) {
    Object memory = ((Mapping) handle).memory();
    int lanes = FLOATS.length();
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = FloatVector.zero(FLOATS);
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      int byteAt = at + i * Float.BYTES;
      s0 = floats(memory, byteAt).fma(FloatVector.fromArray(FLOATS, query, i), s0);
      s1 =
          floats(memory, byteAt + lanes * Float.BYTES)
              .fma(FloatVector.fromArray(FLOATS, query, i + lanes), s1);
    }
    return s0.add(s1).reduceLanes(VectorOperators.ADD) + tail(handle, at, query, i, length);
  }

  /** The products from {@code from} on. */
  private static float tail(Object handle, int at, float[] query, int from, int length) {
    ByteBuffer bytes = ((Mapping) handle).bytes();
    float sum = 0;
    for (int i = from; i < length; i++) {
      sum += bytes.getFloat(at + i * Float.BYTES) * query[i];
    }
    return sum;
  }

  @Override
  public void dotMapped(Object[] handles, int[] at, float[] query, int length, float[] sums) {
    Object m0 = ((Mapping) handles[0]).memory();
    Object m1 = ((Mapping) handles[1]).memory();
    Object m2 = ((Mapping) handles[2]).memory();
    Object m3 = ((Mapping) handles[3]).memory();
    int at0 = at[0];
    int at1 = at[1];
    int at2 = at[2];
    int at3 = at[3];
    int lanes = FLOATS.length();
    int step = lanes * Float.BYTES;
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    FloatVector b1 = FloatVector.zero(FLOATS);
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector d0 = FloatVector.zero(FLOATS);
    FloatVector d1 = FloatVector.zero(FLOATS);
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      int byteAt = i * Float.BYTES;
      FloatVector q0 = FloatVector.fromArray(FLOATS, query, i);
      FloatVector q1 = FloatVector.fromArray(FLOATS, query, i + lanes);
      a0 = floats(m0, at0 + byteAt).fma(q0, a0);
      b0 = floats(m1, at1 + byteAt).fma(q0, b0);
      c0 = floats(m2, at2 + byteAt).fma(q0, c0);
      d0 = floats(m3, at3 + byteAt).fma(q0, d0);
      a1 = floats(m0, at0 + byteAt + step).fma(q1, a1);
      b1 = floats(m1, at1 + byteAt + step).fma(q1, b1);
      c1 = floats(m2, at2 + byteAt + step).fma(q1, c1);
      d1 = floats(m3, at3 + byteAt + step).fma(q1, d1);
    }
    sums[0] =
        a0.add(a1).reduceLanes(VectorOperators.ADD) + tail(handles[0], at0, query, i, length);
    sums[1] =
        b0.add(b1).reduceLanes(VectorOperators.ADD) + tail(handles[1], at1, query, i, length);
    sums[2] =
        c0.add(c1).reduceLanes(VectorOperators.ADD) + tail(handles[2], at2, query, i, length);
    sums[3] =
        d0.add(d1).reduceLanes(VectorOperators.ADD) + tail(handles[3], at3, query, i, length);
  }

  @Override
  public int dotMapped(Object handle, int at, short[] codes, int length) {
    Object memory = ((Mapping) handle).memory();
    int lanes = SHORTS.length();
    IntVector s0 = IntVector.zero(INTS);
    IntVector s1 = IntVector.zero(INTS);
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      ShortVector products =
          codes(memory, at + i)
              .mul(ShortVector.fromArray(SHORTS, codes, i))
              .add(
                  codes(memory, at + i + lanes)
                      .mul(ShortVector.fromArray(SHORTS, codes, i + lanes)));
      s0 = s0.add(low(products));
      s1 = s1.add(high(products));
    }
    return s0.add(s1).reduceLanes(VectorOperators.ADD) + tail(handle, at, codes, i, length);
  }

  private static int tail(Object handle, int at, short[] codes, int from, int length) {
    ByteBuffer bytes = ((Mapping) handle).bytes();
    int sum = 0;
    for (int i = from; i < length; i++) {
      sum += bytes.get(at + i) * codes[i];
    }
    return sum;
  }

  @Override
  public void dotMapped(Object[] handles, int[] at, short[] codes, int length, int[] sums) {
    for (int pair = 0; pair < 4; pair += 2) {
      twoRows(handles, at, codes, length, sums, pair);
    }
  }

  private static void twoRows(
      Object[] handles, int[] at, short[] codes, int length, int[] sums, int first) {
    Object m0 = ((Mapping) handles[first]).memory();
    Object m1 = ((Mapping) handles[first + 1]).memory();
    int at0 = at[first];
    int at1 = at[first + 1];
    int lanes = SHORTS.length();
    IntVector a0 = IntVector.zero(INTS);
    IntVector a1 = IntVector.zero(INTS);
    IntVector b0 = IntVector.zero(INTS);
    IntVector b1 = IntVector.zero(INTS);
    int i = 0;
    for (int end = length - 2 * lanes; i <= end; i += 2 * lanes) {
      ShortVector q0 = ShortVector.fromArray(SHORTS, codes, i);
      ShortVector q1 = ShortVector.fromArray(SHORTS, codes, i + lanes);
      ShortVector a = codes(m0, at0 + i).mul(q0).add(codes(m0, at0 + i + lanes).mul(q1));
      ShortVector b = codes(m1, at1 + i).mul(q0).add(codes(m1, at1 + i + lanes).mul(q1));
      a0 = a0.add(low(a));
      a1 = a1.add(high(a));
      b0 = b0.add(low(b));
      b1 = b1.add(high(b));
    }
    sums[first] =
        a0.add(a1).reduceLanes(VectorOperators.ADD) + tail(handles[first], at0, codes, i, length);
    sums[first + 1] =
        b0.add(b1).reduceLanes(VectorOperators.ADD)
            + tail(handles[first + 1], at1, codes, i, length);
  }
}
