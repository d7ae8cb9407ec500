package io.chasqui.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a tensor lies.
 *
 * @param name its name in the file
 * @param dtype element type as stored
 * @param shape dimensions, row-major; empty for a scalar
 * @param file the real file (symbolic links resolved)
 * @param offset byte offset of its first element in that file
 * @param length bytes
 */
public record TensorInfo(
    String name, DType dtype, List<Long> shape, Path file, long offset, long length) {
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  public long elements() {
    return length / dtype.bytes();
  }
}
