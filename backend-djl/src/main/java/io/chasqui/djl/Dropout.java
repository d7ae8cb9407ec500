package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;

/**
 * Dropout whose masks are a function of seed, step, block and module: a layer that is computed
 * again drops the same elements, a run that goes on drops what it would have dropped, and two
 * trainings in one process do not share a generator.
 *
 * @param rate probability that an element is dropped, in steps of 2⁻¹⁶; 0 switches it off
 * @param seed of the step
 */
record Dropout(double rate, long seed) {
  private static final int LANES = 4;
  private static final int LANE_BITS = 16;

  static Dropout off() {
    return new Dropout(0, 0);
  }

  /** Zeroes elements of x and scales the others by 1/(1 − rate). */
  PtNDArray apply(Ops ops, PtNDArray x, long block, int module) {
    if (rate == 0) {
      return x;
    }
    float[] mask = new float[Math.toIntExact(x.getShape().size())];
    fill(mask, Seeds.mix(Seeds.mix(seed, block), module));
    return ops.mul(x, ops.scope().floats(mask, x.getShape().getShape()));
  }

  private void fill(float[] mask, long state) {
    int threshold = (int) Math.round(rate * (1 << LANE_BITS));
    float kept = (float) (1 / (1 - rate));
    for (int i = 0; i < mask.length; ) {
      long bits = Seeds.mix(state, i);
      for (int lane = 0; lane < LANES && i < mask.length; lane++, i++) {
        mask[i] = (bits & 0xffff) < threshold ? 0 : kept;
        bits >>>= LANE_BITS;
      }
    }
  }
}
