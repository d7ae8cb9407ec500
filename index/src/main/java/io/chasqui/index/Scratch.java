package io.chasqui.index;

import java.util.function.IntFunction;

/** An array of each thread's own, to copy a mapped row into that others are compared with. */
final class Scratch<T> {
  private final ThreadLocal<T> mine;

  private Scratch(int length, IntFunction<T> make) {
    this.mine = ThreadLocal.withInitial(() -> make.apply(length));
  }

  static Scratch<float[]> floats(int length) {
    return new Scratch<>(length, float[]::new);
  }

  static Scratch<short[]> shorts(int length) {
    return new Scratch<>(length, short[]::new);
  }

  T get() {
    return mine.get();
  }
}
