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
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Consecutive vectors as signed bytes in a native session of their own, which compares them with
 * queries: {@code MatMulIntegerToFloat}, which is MatMulInteger with a factor and an addend for
 * each vector. Thread-safe until closed.
 *
 * @see <a
 *     href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">MatMulIntegerToFloat</a>
 */
final class CodeBlock implements AutoCloseable {
  private static final String QUERIES = "queries"; // [batch, dimension] uint8
  private static final String PENALTIES = "penalties"; // [rows]: 0, or -∞ for what is excluded
  private static final String SCORES = "scores"; // [batch, rows]

  private static final ThreadLocal<FloatBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> direct(0).asFloatBuffer());

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
    graph.output(graph.named(SCORES, similarities), OnnxType.FLOAT, "batch", rows);
    return graph.toModel("chasqui");
  }

  int first() {
    return first;
  }

  int rows() {
    return rows;
  }

  /**
   * Offers the rows of this block to the candidates of each query.
   *
   * @param codes [batch, dimension], of {@link QueryCodes}
   * @param penalties one per row: 0, or −∞ for what must not be found; direct
   * @param candidates one per query
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  void search(
      ByteBuffer codes,
      FloatBuffer penalties,
      List<Candidates> candidates,
      RunWatchdog watchdog,
      Deadline deadline) {
    int batch = candidates.size();
    FloatBuffer scores = scratch(batch * rows);
    try (NativeTensors inputs = new NativeTensors(environment);
        OnnxTensor pinned = OnnxTensor.createTensor(environment, scores, new long[] {batch, rows});
        RunOptions options = new RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      inputs.put(QUERIES, codes.duplicate(), OnnxJavaType.UINT8, batch, dimension);
      inputs.put(PENALTIES, penalties, rows);
      watched(inputs.all(), Map.of(SCORES, pinned), options, watchdog, deadline);
    } catch (OrtException e) {
      throw NativeErrors.translate("comparing " + batch + " queries", e);
    }
    float[] row = new float[rows];
    for (int i = 0; i < batch; i++) {
      int query = (i + first) % batch; // blocks side by side do not wait for each other's
      scores.get(query * rows, row);
      candidates.get(query).offer(row, rows, first);
    }
  }

  /** A buffer of the thread's own: zeroing a new one costs as much as the scores in it. */
  private static FloatBuffer scratch(int floats) {
    FloatBuffer buffer = SCRATCH.get();
    if (buffer.capacity() < floats) {
      buffer = direct(Math.multiplyExact(floats, Float.BYTES)).asFloatBuffer();
      SCRATCH.set(buffer);
    }
    return buffer.slice(0, floats);
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
