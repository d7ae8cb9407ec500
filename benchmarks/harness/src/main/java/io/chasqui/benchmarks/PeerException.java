package io.chasqui.benchmarks;

import java.io.IOException;

/** A peer did not load, failed, or ended. */
public final class PeerException extends IOException {
  private static final long serialVersionUID = 1;

  PeerException(String message) {
    super(message);
  }
}
