package io.chasqui;

/**
 * No backend can serve a request: the message says what was found, why each refused, and what to
 * add.
 */
public final class NoBackendException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  public NoBackendException(String message) {
    super(message);
  }

  public NoBackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
