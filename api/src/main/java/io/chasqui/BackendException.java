package io.chasqui;

/** A failure while a model runs: in native code, of memory, or of the numbers it returned. */
public class BackendException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  public BackendException(String message, boolean retryable) {
    super(message);
    this.retryable = retryable;
  }

  public BackendException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same call may succeed later or with a smaller input (out of memory, say). */
  public boolean retryable() {
    return retryable;
  }
}
