package io.chasqui.hnsw;

import io.chasqui.ChasquiException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Does something for each ordinal, on several threads; the first failure stops all of them. */
final class Workers implements AutoCloseable {
  private final int threads;
  private final @Nullable ExecutorService pool; // null for one thread: the caller's

  Workers(int threads) {
    this.threads = threads;
    this.pool =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads,
                task -> {
                  Thread thread = new Thread(task, "chasqui-graph");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  /** Returns when all is done; what was done is seen by the caller. */
  void forEach(int from, int end, IntConsumer work) {
    AtomicInteger next = new AtomicInteger(from);
    Runnable loop =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < end; i = next.getAndIncrement()) {
              work.accept(i);
            }
          } finally {
            // After a failure the others find nothing left to do; otherwise nothing is left.
            next.set(end);
          }
        };
    if (pool == null || end - from == 1) {
      loop.run();
      return;
    }
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < Math.min(threads, end - from); i++) {
      running.add(pool.submit(loop));
    }
    @Nullable RuntimeException failure = null;
    for (Future<?> thread : running) {
      try {
        await(thread);
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure; // none is left running
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** An interrupt does not stop a build halfway; it is kept for the caller. */
  private static void await(Future<?> thread) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          if (e.getCause() instanceof Error cause) {
            throw cause;
          }
          throw new ChasquiException("building a graph failed", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
