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

/** Does something for each ordinal, on several threads; the first failure stops all of them. */
final class Workers {
  private static final int PROGRESS_EVERY = 256;

  private Workers() {}

  static void forEach(int from, int size, int threads, IntConsumer work, IntConsumer progress) {
    AtomicInteger next = new AtomicInteger(from);
    AtomicInteger done = new AtomicInteger(from);
    Runnable loop =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < size; i = next.getAndIncrement()) {
              work.accept(i);
              int count = done.incrementAndGet();
              if (count % PROGRESS_EVERY == 0 || count == size) {
                progress.accept(count);
              }
            }
          } finally {
            // After a failure the others find nothing left to do; otherwise nothing is left.
            next.set(size);
          }
        };
    if (threads == 1) {
      loop.run();
      return;
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "chasqui-graph");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(pool.submit(loop));
      }
      for (Future<?> thread : running) {
        await(thread);
      }
    } finally {
      next.set(size);
      pool.shutdown();
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
}
