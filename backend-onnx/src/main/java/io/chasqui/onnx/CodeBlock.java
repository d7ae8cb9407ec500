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
import java.nio.IntBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Vectors as signed bytes in a native session of their own, which compares them with queries
 * ({@code MatMulInteger}). Thread-safe until closed.
 */
final class CodeBlock implements AutoCloseable {
  private static final String QUERIES = "queries"; // [batch, dimension] uint8
  private static final String SUMS = "sums"; // [batch, rows] int32

  private static final ThreadLocal<IntBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> direct(0).asIntBuffer());

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final BlockRows rows;
  private final int dimension;

  private CodeBlock(OrtEnvironment environment, OrtSession session, BlockRows rows, int dimension) {
    this.environment = environment;
    this.session = session;
    this.rows = rows;
    this.dimension = dimension;
  }

  /**
   * Loads codes.
   *
   * @param codes [dimension, rows]; not kept
   */
  static CodeBlock load(BlockRows rows, int dimension, byte[] codes) {
    OrtEnvironment environment = NativeEnvironment.get();
    try (SessionOptions options = new SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtSession session = environment.createSession(graph(rows.size(), dimension, codes), options);
      return new CodeBlock(environment, session, rows, dimension);
    } catch (OrtException e) {
      throw NativeErrors.translate("loading " + rows.size() + " vectors", e);
    }
  }

  private static byte[] graph(int rows, int dimension, byte[] codes) {
    OnnxGraph graph = new OnnxGraph();
    String queries = graph.input(QUERIES, OnnxType.UINT8, "batch", dimension);
    String sums =
        graph.node(
            "MatMulInteger",
            List.of(
                queries,
                graph.constant("codes", OnnxType.INT8, codes, dimension, rows),
                graph.constant("query_zero", OnnxType.UINT8, new byte[] {(byte) QueryCodes.ZERO})));
    graph.output(graph.named(SUMS, sums), OnnxType.INT32, "batch", rows);
    return graph.toModel("chasqui");
  }

  /**
   * Offers the rows of this block to the candidates of each query.
   *
   * @param codes [batch, dimension], of {@link QueryCodes}
   * @param candidates one per query
   * @param accepted ordinals that may be found; null for all
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  void search(
      ByteBuffer codes,
      List<Candidates> candidates,
      @Nullable BitSet accepted,
      RunWatchdog watchdog,
      Deadline deadline) {
    int batch = candidates.size();
    int size = rows.size();
    IntBuffer sums = scratch(batch * size);
    try (NativeTensors inputs = new NativeTensors(environment);
        OnnxTensor pinned = OnnxTensor.createTensor(environment, sums, new long[] {batch, size});
        RunOptions options = new RunOptions()) {
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      inputs.put(QUERIES, codes.duplicate(), OnnxJavaType.UINT8, batch, dimension);
      watched(inputs.all(), Map.of(SUMS, pinned), options, watchdog, deadline);
    } catch (OrtException e) {
      throw NativeErrors.translate("comparing " + batch + " queries", e);
    }
    int[] row = new int[Candidates.MAX_ROWS];
    int[] flags = new int[Candidates.GROUPS];
    int start = Math.floorMod(rows.ordinal(0), batch); // threads do not wait for each other's
    for (int i = 0; i < batch; i++) {
      int query = (i + start) % batch;
      sums.get(query * size, row, 0, size);
      candidates.get(query).offer(row, flags, rows, accepted);
    }
  }

  /** A buffer of the thread's own: zeroing a new one costs as much as the sums in it. */
  private static IntBuffer scratch(int size) {
    IntBuffer buffer = SCRATCH.get();
    if (buffer.capacity() < size) {
      buffer = direct(Math.multiplyExact(size, Integer.BYTES)).asIntBuffer();
      SCRATCH.set(buffer);
    }
    return buffer.slice(0, size);
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
