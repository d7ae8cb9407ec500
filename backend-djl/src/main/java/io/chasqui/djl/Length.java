package io.chasqui.djl;

/** How long training goes on. Immutable. */
public sealed interface Length {
  /**
   * So many passes over the data; its last, smaller batch is filled from the next pass.
   *
   * @param count may be a part of one
   */
  record Epochs(double count) implements Length {
    public Epochs {
      if (!(count > 0) || Double.isInfinite(count)) {
        throw new IllegalArgumentException("epochs must be positive: " + count);
      }
    }
  }

  /** So many updates, over as many passes as that takes. */
  record Updates(long count) implements Length {
    public Updates {
      if (count < 1) {
        throw new IllegalArgumentException("updates must be positive: " + count);
      }
    }
  }
}
