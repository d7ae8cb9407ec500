package io.chasqui.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.platform.Fp16Conversions;
import io.chasqui.checkpoint.DType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** The type in which a graph's layers compute. Norms, heads and outputs are 32 bit in any case. */
enum ComputeType {
  FLOAT(OnnxType.FLOAT, OnnxJavaType.FLOAT, Float.BYTES, -1e30f),
  /** 16 bit with a small range: −65,504 is its lowest finite number. */
  FLOAT16(OnnxType.FLOAT16, OnnxJavaType.FLOAT16, Short.BYTES, -65504f),
  BFLOAT16(OnnxType.BFLOAT16, OnnxJavaType.BFLOAT16, Short.BYTES, -1e30f);

  private final OnnxType onnx;
  private final OnnxJavaType java;
  private final int bytes;
  private final float unseen;

  ComputeType(OnnxType onnx, OnnxJavaType java, int bytes, float unseen) {
    this.onnx = onnx;
    this.java = java;
    this.bytes = bytes;
    this.unseen = unseen;
  }

  OnnxType onnx() {
    return onnx;
  }

  /** The same for ONNX Runtime's Java classes. */
  OnnxJavaType java() {
    return java;
  }

  /** Bytes of one number. */
  int bytes() {
    return bytes;
  }

  boolean is16Bit() {
    return bytes == Short.BYTES;
  }

  /** Added to the score of a key that must not be seen; finite, so that a row of them is no NaN. */
  float unseen() {
    return unseen;
  }

  /** The type that computes with weights as they are stored; 32 bit for whatever is not 16 bit. */
  static ComputeType of(DType stored) {
    return switch (stored) {
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      default -> FLOAT;
    };
  }

  /** Numbers in this type, little-endian, in a direct buffer; floats are passed on as they are. */
  Buffer encode(FloatBuffer values) {
    return is16Bit() ? halves(values) : values.duplicate();
  }

  /** One number, little-endian. */
  byte[] encode(float value) {
    ByteBuffer raw = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return (is16Bit() ? raw.putShort(half(value)) : raw.putFloat(value)).array();
  }

  private ByteBuffer halves(FloatBuffer values) {
    FloatBuffer from = values.duplicate();
    ByteBuffer raw =
        ByteBuffer.allocateDirect(Math.multiplyExact(from.remaining(), bytes))
            .order(ByteOrder.nativeOrder());
    ShortBuffer to = raw.asShortBuffer();
    while (from.hasRemaining()) {
      to.put(half(from.get()));
    }
    return raw;
  }

  private short half(float value) {
    return this == FLOAT16
        ? Fp16Conversions.floatToFp16(value)
        : Fp16Conversions.floatToBf16(value);
  }
}
