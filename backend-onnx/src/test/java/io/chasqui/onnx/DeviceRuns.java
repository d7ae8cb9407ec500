package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a device must stand, as a user calls it: both roles of a small model. */
final class DeviceRuns {
  private static final int KINDS = 16;

  private DeviceRuns() {}

  private static List<Passage> passages(int kind) {
    return OnnxBackendIT.passages(1 + kind % 4, 5 + 13 * kind);
  }

  /** What each kind of call gives: vectors, then scores. */
  private static float[] call(ModelSession session, int kind) {
    List<Passage> passages = passages(kind);
    if (kind % 2 == 0) {
      return vectors(session.encoder("repllama").encodePassages(passages));
    }
    Scores scores = session.scorer("rankllama").score("what is " + kind, passages);
    float[] values = new float[scores.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores.score(i);
    }
    return values;
  }

  static float[] vectors(Embeddings embeddings) {
    float[] values = new float[embeddings.size() * embeddings.dimension()];
    for (int i = 0; i < embeddings.size(); i++) {
      System.arraycopy(
          embeddings.row(i), 0, values, i * embeddings.dimension(), embeddings.dimension());
    }
    return values;
  }

  /** Results on the CPU in 32 bit, by kind of call. */
  static List<float[]> expected(ModelBundle bundle) throws IOException {
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1))) {
      List<float[]> all = new ArrayList<>();
      for (int kind = 0; kind < KINDS; kind++) {
        all.add(call(session, kind));
      }
      return all;
    }
  }

  /** Calls of several threads at once; each must give what it gives on the CPU. */
  static void runTogether(
      ModelSession session, int threads, int runs, List<float[]> expected, float tolerance)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        all.add(
            pool.submit(
                () -> {
                  for (int run = first; run < runs; run += threads) {
                    int kind = (run * 7 + first) % KINDS;
                    assertArrayEquals(expected.get(kind), call(session, kind), tolerance);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
