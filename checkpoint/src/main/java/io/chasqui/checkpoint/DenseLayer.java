package io.chasqui.checkpoint;

import java.nio.FloatBuffer;
import java.util.Optional;

/**
 * A linear layer between pooling and normalising, as EmbeddingGemma has two: activation(x·Wᵀ +
 * bias). Immutable. A matrix that a file holds as F32 is mapped; the file must not be changed
 * meanwhile.
 *
 * @param in floats that it reads
 * @param out floats that it gives
 * @param weight [out, in], row-major, read-only, of native order
 * @param bias [out], read-only, of native order, if there is one
 * @param activation of each number
 * @see <a
 *     href="https://sbert.net/docs/package_reference/sentence_transformer/models.html#dense">Sentence
 *     Transformers: Dense</a>
 */
public record DenseLayer(
    int in, int out, FloatBuffer weight, Optional<FloatBuffer> bias, Activation activation) {

  /** What is done to each number of a layer. */
  public enum Activation {
    /** Nothing. */
    IDENTITY,
    /** Its hyperbolic tangent. */
    TANH
  }

  /**
   * @throws IllegalArgumentException if weight or bias are of another size
   */
  public DenseLayer {
    weight = weight.slice().asReadOnlyBuffer();
    bias = bias.map(values -> values.slice().asReadOnlyBuffer());
    int biases = bias.map(FloatBuffer::capacity).orElse(out);
    if ((long) in * out != weight.capacity() || biases != out || in < 1) {
      throw new IllegalArgumentException(
          "a layer from %d to %d floats with %d weights and %d biases"
              .formatted(in, out, weight.capacity(), biases));
    }
  }

  /** Its own position and limit, the layer's floats. */
  @Override
  public FloatBuffer weight() {
    return weight.duplicate();
  }

  /** Their own position and limit, the layer's floats. */
  @Override
  public Optional<FloatBuffer> bias() {
    return bias.map(FloatBuffer::duplicate);
  }

  /**
   * The layer of one vector, summed in double precision.
   *
   * @param x {@code in} floats
   * @return {@code out} floats
   */
  public float[] apply(float[] x) {
    float[] y = new float[out];
    for (int i = 0; i < out; i++) {
      double sum = bias.isPresent() ? bias.get().get(i) : 0;
      for (int j = 0; j < in; j++) {
        sum += (double) weight.get(i * in + j) * x[j];
      }
      y[i] = (float) (activation == Activation.TANH ? Math.tanh(sum) : sum);
    }
    return y;
  }
}
