package io.chasqui.benchmarks.encode;

import java.io.IOException;
import java.util.List;

/** One graph in one session of ONNX Runtime. */
interface RawModel extends AutoCloseable {
  /** One call for all rows, padded to the longest: a vector or a score each. */
  List<float[]> run(String role, List<int[]> ids) throws Exception;

  /** What {@link #run} gives, or would give if padding were not part of the measurement. */
  default List<float[]> results(String role, List<int[]> ids) throws Exception {
    return run(role, ids);
  }

  @Override
  void close() throws IOException;
}
