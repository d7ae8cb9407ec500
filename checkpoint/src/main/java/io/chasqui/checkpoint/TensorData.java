package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor to be written: its name, type, shape, and where its elements come from. Nothing is held
 * that the source does not hold.
 *
 * @param name in the file
 * @param dtype element type as stored
 * @param shape dimensions, row-major; empty for a scalar
 * @param source of its bytes
 */
public record TensorData(String name, DType dtype, List<Long> shape, Source source) {
  private static final int BLOCK_ELEMENTS = 1 << 16;

  public TensorData {
    shape = List.copyOf(shape);
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(name + ": negative dimension in shape " + shape);
      }
    }
    Math.multiplyExact(count(shape), (long) dtype.bytes());
  }

  /** Gives a tensor's bytes, little-endian, in order, in pieces. */
  @FunctionalInterface
  public interface Source {
    void writeTo(Sink sink) throws IOException;
  }

  /** Takes pieces of a tensor. */
  @FunctionalInterface
  public interface Sink {
    /** Takes all remaining bytes. */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Makes consecutive elements. */
  @FunctionalInterface
  public interface Elements {
    /**
     * Fills {@code target[0..count)}.
     *
     * @param first index of the first element, row-major; calls come in order
     */
    void fill(long first, float[] target, int count);
  }

  /**
   * Floats, narrowed to a floating-point type (F64: widened), nearest, ties to even.
   *
   * @param values not copied: do not change them before they are written
   */
  public static TensorData of(String name, DType dtype, List<Long> shape, float[] values) {
    if (count(shape) != values.length) {
      throw new IllegalArgumentException(
          name + ": " + values.length + " values for shape " + shape);
    }
    return generated(
        name,
        dtype,
        shape,
        (first, target, count) -> System.arraycopy(values, (int) first, target, 0, count));
  }

  /** Floats made while they are written, so that tensors of any size need little memory. */
  public static TensorData generated(
      String name, DType dtype, List<Long> shape, Elements elements) {
    if (!dtype.isFloat()) {
      throw new IllegalArgumentException(name + ": " + dtype + " is not a floating-point type");
    }
    long total = count(shape);
    return new TensorData(
        name,
        dtype,
        shape,
        sink -> {
          float[] block = new float[(int) Math.min(BLOCK_ELEMENTS, total)];
          ByteBuffer bytes =
              ByteBuffer.allocate(block.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
          for (long done = 0; done < total; done += block.length) {
            int count = (int) Math.min(block.length, total - done);
            elements.fill(done, block, count);
            ElementCodec.encode(dtype, block, 0, count, bytes.clear());
            sink.write(bytes.flip());
          }
        });
  }

  /** Bytes as they are stored, of any type; not copied. */
  public static TensorData ofBytes(String name, DType dtype, List<Long> shape, ByteBuffer bytes) {
    return new TensorData(name, dtype, shape, sink -> sink.write(bytes.duplicate()));
  }

  /** A tensor below 2 GiB out of another file, byte by byte. */
  public static TensorData copy(Tensors tensors, String name) {
    TensorInfo info = tensors.all().get(name);
    if (info == null) {
      throw new IllegalArgumentException("no such tensor: " + name);
    }
    return new TensorData(
        name, info.dtype(), info.shape(), sink -> sink.write(tensors.bytes(name)));
  }

  /** The same elements under another name. */
  public TensorData withName(String other) {
    return new TensorData(other, dtype, shape, source);
  }

  /** Bytes that it takes. */
  public long length() {
    return count(shape) * dtype.bytes();
  }

  private static long count(List<Long> shape) {
    long count = 1;
    for (long dimension : shape) {
      count = Math.multiplyExact(count, dimension);
    }
    return count;
  }
}
