package io.chasqui.checkpoint;

/**
 * Rotary position embedding. Inverse frequencies follow Hugging Face's {@code ROPE_INIT_FUNCTIONS},
 * in double precision.
 */
public sealed interface RopeConfig {
  /** Base of the geometric sequence of frequencies. */
  double theta();

  /**
   * Inverse frequencies, one per pair of dimensions.
   *
   * @param headDim dimensions of a head, even
   * @return headDim/2 values in radians per position
   */
  double[] inverseFrequencies(int headDim);

  /** Unscaled: theta^(−2i/d). */
  record Plain(double theta) implements RopeConfig {
    @Override
    public double[] inverseFrequencies(int headDim) {
      double[] inverse = new double[headDim / 2];
      for (int i = 0; i < inverse.length; i++) {
        inverse[i] = Math.pow(theta, -2.0 * i / headDim);
      }
      return inverse;
    }
  }

  /** All positions divided by a factor. */
  record Linear(double theta, double factor) implements RopeConfig {
    @Override
    public double[] inverseFrequencies(int headDim) {
      double[] inverse = new Plain(theta).inverseFrequencies(headDim);
      for (int i = 0; i < inverse.length; i++) {
        inverse[i] /= factor;
      }
      return inverse;
    }
  }

  /** Llama 3.1: low frequencies divided by a factor, high ones kept, a smooth band between. */
  record Llama3(
      double theta,
      double factor,
      double lowFreqFactor,
      double highFreqFactor,
      int originalMaxPositions)
      implements RopeConfig {
    @Override
    public double[] inverseFrequencies(int headDim) {
      double[] inverse = new Plain(theta).inverseFrequencies(headDim);
      double lowWavelength = originalMaxPositions / lowFreqFactor;
      double highWavelength = originalMaxPositions / highFreqFactor;
      for (int i = 0; i < inverse.length; i++) {
        double wavelength = 2 * Math.PI / inverse[i];
        if (wavelength > lowWavelength) {
          inverse[i] /= factor;
        } else if (wavelength >= highWavelength) {
          double smooth =
              (originalMaxPositions / wavelength - lowFreqFactor)
                  / (highFreqFactor - lowFreqFactor);
          inverse[i] = (1 - smooth) * inverse[i] / factor + smooth * inverse[i];
        }
      }
      return inverse;
    }
  }
}
