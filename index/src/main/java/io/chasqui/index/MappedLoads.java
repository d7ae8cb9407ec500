package io.chasqui.index;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * How vectors are loaded from mapped memory: the Vector API takes byte buffers up to JDK 19, and
 * from then on memory segments, which are final from JDK 22. This is compiled for 17, so that the
 * segments are reached by name.
 */
final class MappedLoads {
  private static final Optional<Class<?>> SEGMENT = segment();

  private MappedLoads() {}

  private static Optional<Class<?>> segment() {
    if (Runtime.version().feature() < 22) {
      return Optional.empty();
    }
    try {
      return Optional.of(Class.forName("java.lang.foreign.MemorySegment"));
    } catch (ClassNotFoundException e) {
      throw new LinkageError("this JDK has no memory segments", e);
    }
  }

  /**
   * The load of one vector.
   *
   * @param vector FloatVector, say
   * @param species VectorSpecies
   * @return (Object memory, int at) → vector
   * @throws LinkageError if this JDK has no such load
   */
  static MethodHandle of(Class<?> vector, Class<?> species, Object kind, ByteOrder order) {
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    try {
      MethodHandle load =
          SEGMENT.isPresent()
              ? lookup.findStatic(
                  vector,
                  "fromMemorySegment",
                  MethodType.methodType(
                      vector, species, SEGMENT.get(), long.class, ByteOrder.class))
              : lookup.findStatic(
                  vector,
                  "fromByteBuffer",
                  MethodType.methodType(
                      vector, species, ByteBuffer.class, int.class, ByteOrder.class));
      load = MethodHandles.insertArguments(load, 0, kind);
      load = MethodHandles.insertArguments(load, 2, order);
      return load.asType(MethodType.methodType(vector, Object.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this JDK loads vectors in another way", e);
    }
  }

  /** What such a load takes for a mapping. */
  static Object memory(ByteBuffer mapped) {
    if (SEGMENT.isEmpty()) {
      return mapped;
    }
    try {
      return SEGMENT.get().getMethod("ofBuffer", java.nio.Buffer.class).invoke(null, mapped);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this JDK makes memory segments in another way", e);
    }
  }

  /** What a load threw; none throws a checked exception. */
  static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(thrown);
  }
}
