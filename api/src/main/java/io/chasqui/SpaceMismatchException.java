package io.chasqui;

/**
 * Vectors of two different {@link EmbeddingSpace}s were about to be compared; the message names
 * what differs.
 */
public final class SpaceMismatchException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  public SpaceMismatchException(String message) {
    super(message);
  }
}
