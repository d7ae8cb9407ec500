package io.chasqui.onnx;

import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;

/**
 * Tensors of which each float is moved to a neighbour, or not: what they give shows how far
 * rounding reaches in a model. Immutable.
 */
record NoisyTensors(Tensors tensors, int seed) implements Tensors {
  @Override
  public Map<String, TensorInfo> all() {
    return tensors.all();
  }

  @Override
  public ByteBuffer bytes(String name) throws IOException {
    return tensors.bytes(name);
  }

  @Override
  public float[] floats(String name) throws IOException {
    float[] values = tensors.floats(name);
    Random random = new Random(name.hashCode() * 31L + seed);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (random.nextInt(3)) {
            case 0 -> Math.nextUp(values[i]);
            case 1 -> Math.nextDown(values[i]);
            default -> values[i];
          };
    }
    return values;
  }
}
