package io.chasqui.djl;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tensors that die together. Closing a scope frees what Java holds of them; what the autograd graph
 * still needs stays alive in native code. Confined to one thread.
 *
 * <p>Every tensor here owns its memory: nothing points into a Java buffer, which garbage collection
 * could free under the graph (docs/decisions/110).
 */
final class Scope implements AutoCloseable {
  /** Copies of larger arrays go through in pieces of this size. */
  private static final int STAGING_BYTES = 1 << 22;

  private final PtNDManager manager;

  private Scope(PtNDManager manager) {
    this.manager = manager;
  }

  /** A scope of its own on a device. */
  static Scope root(Device device) {
    return new Scope((PtNDManager) PyTorch.engine().newBaseManager(device));
  }

  /** A scope that is closed with this one at the latest. */
  Scope child() {
    return new Scope((PtNDManager) manager.newSubManager());
  }

  Device device() {
    return manager.getDevice();
  }

  /** Moves a tensor here: results of operations begin life in the scope of their first operand. */
  PtNDArray own(PtNDArray tensor) {
    if (tensor.getManager() != manager) {
      tensor.attach(manager);
    }
    return tensor;
  }

  PtNDArray zeros(Shape shape) {
    return JniUtils.createZerosNdArray(
        manager, shape, DataType.FLOAT32, device(), SparseFormat.DENSE);
  }

  PtNDArray full(double value, Shape shape) {
    return JniUtils.full(manager, shape, value, DataType.FLOAT32, device(), SparseFormat.DENSE);
  }

  /** A scalar that is no Java number: see the class comment. */
  PtNDArray scalar(double value) {
    return full(value, new Shape());
  }

  /** A copy of floats, row-major. */
  PtNDArray floats(float[] values, long... shape) {
    PtNDArray tensor =
        JniUtils.createEmptyNdArray(
            manager, new Shape(values.length), DataType.FLOAT32, device(), SparseFormat.DENSE);
    copyInto(tensor, values);
    PtNDArray shaped = own(JniUtils.reshape(tensor, shape));
    tensor.close();
    return shaped;
  }

  /** Overwrites a tensor with floats, row-major; the tensor must be contiguous. */
  void copyInto(PtNDArray tensor, float[] values) {
    PtNDArray flat = JniUtils.reshape(tensor, new long[] {values.length});
    ByteBuffer staging = direct(Math.min(STAGING_BYTES, values.length * (long) Float.BYTES));
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, staging.capacity() / Float.BYTES);
      staging.asFloatBuffer().put(values, done, count);
      try (PtNDArray piece = view(staging, new Shape(count), DataType.FLOAT32)) {
        JniUtils.indexSet(
            flat, piece, new long[] {done}, new long[] {done + (long) count}, new long[] {1});
      }
      done += count;
    }
    flat.close();
  }

  /** A copy of integers, row-major. */
  PtNDArray longs(long[] values, long... shape) {
    ByteBuffer buffer = direct(values.length * (long) Long.BYTES);
    buffer.asLongBuffer().put(values);
    try (PtNDArray view = view(buffer, new Shape(shape), DataType.INT64)) {
      return own(JniUtils.clone(view));
    }
  }

  private PtNDArray view(ByteBuffer buffer, Shape shape, DataType type) {
    return JniUtils.createNdFromByteBuffer(
        manager, buffer, shape, type, SparseFormat.DENSE, device());
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    manager.close();
  }
}
