package io.chasqui.onnx;

import io.chasqui.checkpoint.DType;

/** Element types of an ONNX graph, by the numbers of {@code TensorProto.DataType}. */
enum OnnxType {
  FLOAT(1),
  UINT8(2),
  INT8(3),
  INT32(6),
  INT64(7),
  BOOL(9),
  FLOAT16(10),
  DOUBLE(11),
  BFLOAT16(16);

  private final int number;

  OnnxType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /**
   * The type of a stored floating-point weight.
   *
   * @throws IllegalArgumentException if it is not floating-point
   */
  static OnnxType of(DType dtype) {
    return switch (dtype) {
      case F64 -> DOUBLE;
      case F32 -> FLOAT;
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      default -> throw new IllegalArgumentException("not a floating-point type: " + dtype);
    };
  }
}
