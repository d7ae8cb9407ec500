package io.chasqui.onnx;

import io.chasqui.checkpoint.DenseLayer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Dense layers with random weights. */
final class RandomDense {
  private RandomDense() {}

  /** Up to two dense layers, of weights that keep a vector's size; often none. */
  static List<DenseLayer> layers(int width, Random random) {
    List<DenseLayer> layers = new ArrayList<>();
    int in = width;
    for (int count = Math.max(0, random.nextInt(4) - 1); count > 0; count--) {
      int out = 1 + random.nextInt(40);
      FloatBuffer weight = direct(in * out, 1 / Math.sqrt(in), random);
      Optional<FloatBuffer> bias =
          random.nextBoolean() ? Optional.of(direct(out, 0.1, random)) : Optional.empty();
      DenseLayer.Activation activation =
          random.nextBoolean() ? DenseLayer.Activation.TANH : DenseLayer.Activation.IDENTITY;
      layers.add(new DenseLayer(in, out, weight, bias, activation));
      in = out;
    }
    return layers;
  }

  private static FloatBuffer direct(int count, double deviation, Random random) {
    FloatBuffer values =
        ByteBuffer.allocateDirect(count * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    while (values.hasRemaining()) {
      values.put((float) (random.nextGaussian() * deviation));
    }
    return values.flip();
  }
}
