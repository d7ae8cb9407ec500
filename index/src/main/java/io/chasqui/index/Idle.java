package io.chasqui.index;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Things that wait to be used again, each by one thread at a time. Thread-safe. */
final class Idle<T extends Closeable> implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Idle.class);

  /** The most that wait; as many searches at a time need no more. */
  private static final int MOST = 64;

  private final ConcurrentLinkedDeque<T> waiting = new ConcurrentLinkedDeque<>();
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean closed;

  /** One that waits; the last one used, if there are several. */
  Optional<T> take() {
    T one = waiting.pollFirst();
    if (one != null) {
      count.decrementAndGet();
    }
    return Optional.ofNullable(one);
  }

  /** Lets one wait, or closes it if enough do. */
  void give(T one) {
    if (count.incrementAndGet() > MOST) {
      count.decrementAndGet();
      close(one);
      return;
    }
    waiting.addFirst(one);
    if (closed) {
      close(); // has perhaps not seen this one
    }
  }

  /** Closes those that wait, and from now on each that is given. */
  @Override
  public void close() {
    closed = true;
    for (Optional<T> one = take(); one.isPresent(); one = take()) {
      close(one.get());
    }
  }

  private void close(T one) {
    try {
      one.close();
    } catch (IOException e) {
      LOG.debug("not closed", e);
    }
  }
}
