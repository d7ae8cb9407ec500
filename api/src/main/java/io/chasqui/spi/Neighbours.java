package io.chasqui.spi;

/**
 * Ordinals with their similarities, best first.
 *
 * @param ordinals not copied: do not write to it
 * @param similarities as long as {@code ordinals}
 */
@SuppressWarnings("ArrayRecordComponent") // a hot-path carrier, compared by nobody
public record Neighbours(int[] ordinals, float[] similarities) {
  public Neighbours {
    if (ordinals.length != similarities.length) {
      throw new IllegalArgumentException(
          ordinals.length + " ordinals but " + similarities.length + " similarities");
    }
  }

  public int size() {
    return ordinals.length;
  }
}
