package io.chasqui;

import java.util.Set;

/**
 * A model loaded on a device (a handle): one copy of the base weights, seen through its roles.
 *
 * <p>Thread-safe until closed. Encoders and scorers are views: they close nothing, and throw {@code
 * IllegalStateException} once the session is closed. {@link #close()} is idempotent, refuses new
 * calls and waits for those in flight.
 */
public interface ModelSession extends AutoCloseable {
  /** The roles of the model's retrieval card, by name. */
  Set<String> roles();

  /**
   * The encoder of a role.
   *
   * @throws IllegalArgumentException if there is no such role, or it scores pairs; names what there
   *     is
   */
  Encoder encoder(String role);

  /**
   * The scorer of a role.
   *
   * @throws IllegalArgumentException if there is no such role, or it has no score head; names what
   *     there is
   */
  Scorer scorer(String role);

  /** The device that was taken (never {@link Device.Auto}). */
  Device device();

  @Override
  void close();
}
