package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a row of a stored matrix lies.
 *
 * @param dtype of its elements
 * @param offset from the tensor's first byte
 * @param elements in the row
 */
record TensorRow(DType dtype, long offset, int elements) {
  /**
   * A row of a tensor.
   *
   * @throws ModelFormatException if it is no floating-point matrix, or has no such row
   */
  static TensorRow of(@Nullable TensorInfo tensor, int row) {
    TensorInfo info = Objects.requireNonNull(tensor, "tensor");
    if (!info.dtype().isFloat() || info.shape().size() != 2) {
      throw new ModelFormatException(
          info.file(),
          info.name(),
          "expected a floating-point matrix, found " + info.dtype() + " " + info.shape());
    }
    if (row < 0 || row >= info.shape().get(0)) {
      throw new ModelFormatException(
          info.file(), info.name(), "no row " + row + " in shape " + info.shape());
    }
    int elements = Math.toIntExact(info.shape().get(1));
    return new TensorRow(info.dtype(), (long) row * elements * info.dtype().bytes(), elements);
  }

  int bytes() {
    return Math.multiplyExact(elements, dtype.bytes());
  }

  float[] decode(ByteBuffer bytes) {
    float[] values = new float[elements];
    ElementCodec.decode(dtype, bytes, values, 0, elements);
    return values;
  }
}
