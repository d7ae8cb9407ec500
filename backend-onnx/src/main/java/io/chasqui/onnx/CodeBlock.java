package io.chasqui.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Consecutive vectors as signed bytes in a native session of their own, which compares them with
 * queries and returns the best: {@code MatMulIntegerToFloat}, which is MatMulInteger with a factor
 * and an addend for each vector, then {@code TopK}. Thread-safe until closed.
 *
 * @see <a
 *     href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">MatMulIntegerToFloat</a>
 */
final class CodeBlock implements AutoCloseable {
  private static final String QUERIES = "queries"; // [batch, dimension] uint8
  private static final String PENALTIES = "penalties"; // [rows]: 0, or -∞ for what is excluded
  private static final String WANTED = "wanted"; // [1]
  private static final String SCORES = "scores"; // [batch, wanted]
  private static final String PLACES = "places"; // [batch, wanted]: row in this block

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final int first;
  private final int rows;
  private final int dimension;

  private CodeBlock(
      OrtEnvironment environment, OrtSession session, int first, int rows, int dimension) {
    this.environment = environment;
    this.session = session;
    this.first = first;
    this.rows = rows;
    this.dimension = dimension;
  }

  /**
   * Loads codes.
   *
   * @param first ordinal of the first row
   * @param codes [dimension, rows]; not kept
   * @param scales one per row: what a code of 1 stands for
   */
  static CodeBlock load(int first, int dimension, byte[] codes, float[] scales) {
    OrtEnvironment environment = NativeEnvironment.get();
    try (SessionOptions options = new SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtSession session = environment.createSession(graph(dimension, codes, scales), options);
      return new CodeBlock(environment, session, first, scales.length, dimension);
    } catch (OrtException e) {
      throw NativeErrors.translate("loading " + scales.length + " vectors", e);
    }
  }

  private static byte[] graph(int dimension, byte[] codes, float[] scales) {
    int rows = scales.length;
    OnnxGraph graph = new OnnxGraph();
    String queries = graph.input(QUERIES, OnnxType.UINT8, "batch", dimension);
    String penalties = graph.input(PENALTIES, OnnxType.FLOAT, rows);
    String wanted = graph.input(WANTED, OnnxType.INT64, 1);
    String similarities =
        graph.node(
            OnnxGraph.MICROSOFT,
            "MatMulIntegerToFloat",
            List.of(
                queries,
                graph.constant("codes", OnnxType.INT8, codes, dimension, rows),
                graph.scalar("query_scale", 1f),
                graph.constant("scales", scales, rows),
                graph.constant("query_zero", OnnxType.UINT8, new byte[] {(byte) QueryCodes.ZERO}),
                "",
                penalties));
    List<String> best = graph.node("", "TopK", List.of(similarities, wanted), List.of(true, true));
    graph.output(graph.named(SCORES, best.get(0)), OnnxType.FLOAT, "batch", "wanted");
    graph.output(graph.named(PLACES, best.get(1)), OnnxType.INT64, "batch", "wanted");
    return graph.toModel("chasqui");
  }

  int first() {
    return first;
  }

  int rows() {
    return rows;
  }

  /**
   * Brings the best rows of this block to the candidates of each query.
   *
   * @param codes [batch, dimension], of {@link QueryCodes}
   * @param penalties one per row: 0, or −∞ for what must not be found; direct
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  void search(
      ByteBuffer codes,
      FloatBuffer penalties,
      int wanted,
      Candidates candidates,
      RunWatchdog watchdog,
      Deadline deadline) {
    int batch = codes.remaining() / dimension;
    int width = Math.min(wanted, rows);
    FloatBuffer scores = direct(batch * width * Float.BYTES).asFloatBuffer();
    LongBuffer places = direct(batch * width * Long.BYTES).asLongBuffer();
    try (NativeTensors inputs = new NativeTensors(environment);
        OnnxTensor pinnedScores = tensor(scores, batch, width);
        OnnxTensor pinnedPlaces =
            OnnxTensor.createTensor(environment, places, new long[] {batch, width});
        RunOptions options = new RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      inputs.put(QUERIES, codes.duplicate(), OnnxJavaType.UINT8, batch, dimension);
      inputs.put(PENALTIES, penalties, rows);
      inputs.put(WANTED, direct(Long.BYTES).asLongBuffer().put(0, width), 1);
      Map<String, OnnxTensor> outputs = Map.of(SCORES, pinnedScores, PLACES, pinnedPlaces);
      watched(inputs.all(), outputs, options, watchdog, deadline);
    } catch (OrtException e) {
      throw NativeErrors.translate("comparing " + batch + " queries", e);
    }
    for (int query = 0; query < batch; query++) {
      float[] found = new float[width];
      int[] ordinals = new int[width];
      scores.get(query * width, found);
      for (int i = 0; i < width; i++) {
        ordinals[i] = first + (int) places.get(query * width + i);
      }
      candidates.merge(query, found, ordinals);
    }
  }

  private OnnxTensor tensor(FloatBuffer values, long batch, long width) throws OrtException {
    return OnnxTensor.createTensor(environment, values, new long[] {batch, width});
  }

  private void watched(
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> outputs,
      RunOptions options,
      RunWatchdog watchdog,
      Deadline deadline)
      throws OrtException {
    RunWatchdog.Watch watch = watchdog.watch(options, deadline);
    try (watch) {
      session.run(inputs, Set.of(), outputs, options).close(); // the result lies in the buffers
    } catch (OrtException e) {
      if (watch.stopped()) {
        throw new DeadlineExceededException("stopped while comparing vectors");
      }
      throw e;
    }
  }

  /** Zeroed. */
  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw NativeErrors.translate("closing a block of vectors", e);
    }
  }
}
