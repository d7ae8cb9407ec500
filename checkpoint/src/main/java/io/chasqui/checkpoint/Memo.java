package io.chasqui.checkpoint;

import java.io.IOException;
import java.util.Optional;

/** A value that is made when it is first asked for, once. Thread-safe. */
final class Memo<T> {
  /** Makes the value. */
  @FunctionalInterface
  interface Source<T> {
    T make() throws IOException;
  }

  private final Source<T> source;
  private Optional<T> value = Optional.empty();

  Memo(Source<T> source) {
    this.source = source;
  }

  /** The value; an attempt that fails is repeated the next time. */
  synchronized T get() throws IOException {
    if (value.isEmpty()) {
      value = Optional.of(source.make());
    }
    return value.get();
  }
}
