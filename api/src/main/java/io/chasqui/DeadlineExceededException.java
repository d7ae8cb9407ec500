package io.chasqui;

/**
 * The {@link Deadline} of a request passed, or its thread was interrupted, before there was a
 * result.
 */
public final class DeadlineExceededException extends BackendException {
  private static final long serialVersionUID = 1L;

  public DeadlineExceededException(String message) {
    super(message, true);
  }
}
