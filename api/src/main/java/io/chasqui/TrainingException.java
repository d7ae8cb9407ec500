package io.chasqui;

import java.util.OptionalLong;

/**
 * Training that cannot start or cannot go on: the message says what was found, and what to change.
 */
public final class TrainingException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /** Before the first step. */
  public TrainingException(String message) {
    super(message);
    this.step = -1;
  }

  /** Before the first step. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
    this.step = -1;
  }

  /**
   * @param step updates that were done before it, from 0
   */
  public TrainingException(long step, String message) {
    super("step " + step + ": " + message);
    this.step = step;
  }

  /** Updates that were done before it; empty if training had not begun. */
  public OptionalLong step() {
    return step < 0 ? OptionalLong.empty() : OptionalLong.of(step);
  }
}
