package io.chasqui.benchmarks.encode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.DoubleStream;

/** How long calls take when several callers make them at once, each one after another. */
final class Latency {
  static final String PREFIX = "latency-";

  /** Calls of all callers together; at least {@link #FEWEST} of each. */
  private static final int CALLS = 512;

  private static final int FEWEST = 8;

  /** Nobody starts another call after it; on a crowded machine so many calls may take hours. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Latency() {}

  /**
   * Measures after a warm-up of a quarter of the calls. Each caller makes one call at least.
   *
   * @param call is given the call's number
   * @return p50 and p99 in milliseconds, calls per second
   */
  static Map<String, Double> measure(int callers, IntConsumer call) throws Exception {
    int each = Math.max(FEWEST, CALLS / callers);
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      run(threads, callers, Math.max(1, each / 4), call);
      long start = System.nanoTime();
      double[] seconds = run(threads, callers, each, call);
      double all = (System.nanoTime() - start) / 1e9;
      Arrays.sort(seconds);
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("p50ms", 1e3 * seconds[seconds.length / 2]);
      figures.put("p99ms", 1e3 * seconds[(int) (0.99 * seconds.length)]);
      figures.put("perSecond", seconds.length / all);
      return figures;
    } finally {
      threads.shutdown();
    }
  }

  private static double[] run(ExecutorService threads, int callers, int each, IntConsumer call)
      throws Exception {
    List<Future<double[]>> all = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int caller = 0; caller < callers; caller++) {
      int first = caller * each;
      all.add(
          threads.submit(
              () -> {
                double[] seconds = new double[each];
                int done = 0;
                while (done < each && (done == 0 || System.nanoTime() - end < 0)) {
                  long start = System.nanoTime();
                  call.accept(first + done);
                  seconds[done++] = (System.nanoTime() - start) / 1e9;
                }
                return Arrays.copyOf(seconds, done);
              }));
    }
    DoubleStream seconds = DoubleStream.empty();
    for (Future<double[]> one : all) {
      seconds = DoubleStream.concat(seconds, Arrays.stream(one.get()));
    }
    return seconds.toArray();
  }
}
