package io.chasqui.djl;

/**
 * Two pieces that become one where they stand side by side. Immutable.
 *
 * @param left first piece
 * @param right second piece
 */
public record BpeMerge(String left, String right) {
  /** The piece that they become. */
  public String product() {
    return left + right;
  }
}
