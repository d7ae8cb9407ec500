package io.chasqui.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
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

  Map<String, OnnxTensor> all() {
    return tensors;
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
    tensors.clear();
  }
}
