package io.chasqui.index;

import java.util.function.IntFunction;

/**
 * An array of each thread's own, to copy a mapped row into: kernels read arrays on every JDK, while
 * their access to mapped memory changed between 17 and 25.
 */
final class Scratch<T> {
  private final ThreadLocal<T> mine;

  private Scratch(int length, IntFunction<T> make) {
    this.mine = ThreadLocal.withInitial(() -> make.apply(length));
  }

  static Scratch<float[]> floats(int length) {
    return new Scratch<>(length, float[]::new);
  }

  static Scratch<byte[]> bytes(int length) {
    return new Scratch<>(length, byte[]::new);
  }

  T get() {
    return mine.get();
  }
}
