package io.chasqui.djl;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a training end properly when the JVM is told to stop (Ctrl-C, SIGTERM): the JVM waits until
 * the update at work is done and a checkpoint is written. Without, libtorch's destructors run under
 * a thread that computes, and the process dies of a segmentation fault. Thread-safe.
 */
final class ShutdownGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShutdownGuard.class);

  /** An update of a large model may take as long. */
  private static final long SECONDS = 60;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "chasqui-training-stop");
  private volatile boolean stopping;

  private ShutdownGuard() {}

  static ShutdownGuard install() {
    ShutdownGuard guard = new ShutdownGuard();
    try {
      Runtime.getRuntime().addShutdownHook(guard.hook);
    } catch (IllegalStateException e) {
      guard.stopping = true; // the JVM stops already
    }
    return guard;
  }

  private void stop() {
    stopping = true;
    try {
      if (!ended.await(SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the update at work takes more than {} s and is broken off", SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the JVM wants to stop: whoever computes is to end at the next update. */
  boolean isStopping() {
    return stopping;
  }

  /** Says that nothing is computed any more. */
  @Override
  public void close() {
    ended.countDown();
    if (!stopping) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("the JVM has begun to stop", e);
      }
    }
  }
}
