package io.chasqui;

/**
 * The root of everything Chasqui throws on its own account. Misuse is NPE/IAE/ISE, files throw
 * IOException.
 */
public class ChasquiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ChasquiException(String message) {
    super(message);
  }

  public ChasquiException(String message, Throwable cause) {
    super(message, cause);
  }
}
