package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Named tensors that lie in files, read when asked for. Immutable and thread-safe; the files must
 * not change while it is in use.
 */
public interface Tensors {
  /** All tensors by name, sorted. */
  Map<String, TensorInfo> all();

  /**
   * The tensor's bytes as stored, little-endian, mapped read-only where the file allows; below 2
   * GiB.
   *
   * @throws io.chasqui.ModelFormatException if there is no such tensor, or it is 2 GiB or more
   */
  ByteBuffer bytes(String name) throws IOException;

  /**
   * A copy of the tensor's elements widened or rounded to float, row-major.
   *
   * @throws io.chasqui.ModelFormatException if there is no such tensor, it is not floating-point,
   *     or it has 2^31 elements or more
   */
  float[] floats(String name) throws IOException;

  /**
   * A copy of one row of a matrix, widened or rounded to float.
   *
   * @param row from 0
   * @throws io.chasqui.ModelFormatException if there is no such tensor, it is not floating-point,
   *     no matrix, or has no such row
   */
  default float[] row(String name, int row) throws IOException {
    ByteBuffer bytes = bytes(name);
    TensorRow at = TensorRow.of(all().get(name), row);
    return at.decode(bytes.slice((int) at.offset(), at.bytes()));
  }
}
