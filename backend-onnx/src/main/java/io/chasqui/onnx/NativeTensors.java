package io.chasqui.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Native tensors over direct buffers, by name, closed together. They keep their buffers alive.
 * Confined to one thread.
 */
final class NativeTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Map<String, OnnxTensor> tensors = new HashMap<>();

  NativeTensors(OrtEnvironment environment) {
    this.environment = environment;
  }

  void put(String name, LongBuffer values, long... shape) throws OrtException {
    tensors.put(name, OnnxTensor.createTensor(environment, values, shape));
  }

  void put(String name, FloatBuffer values, long... shape) throws OrtException {
    tensors.put(name, OnnxTensor.createTensor(environment, values.duplicate(), shape));
  }

  void put(String name, ByteBuffer values, OnnxJavaType type, long... shape) throws OrtException {
    tensors.put(name, OnnxTensor.createTensor(environment, values, shape, type));
  }

  void put(String name, IntBuffer values, long... shape) throws OrtException {
    tensors.put(name, OnnxTensor.createTensor(environment, values, shape));
  }

  /** Numbers in a type; floats are read where they lie. */
  void put(String name, FloatBuffer values, ComputeType type, long... shape) throws OrtException {
    Buffer encoded = type.encode(values);
    if (encoded instanceof ByteBuffer raw) {
      put(name, raw, type.java(), shape);
    } else {
      put(name, (FloatBuffer) encoded, shape);
    }
  }

  Map<String, OnnxTensor> all() {
    return tensors;
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
    tensors.clear();
  }
}
