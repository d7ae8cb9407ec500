package io.chasqui.spi;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;

/**
 * Token batch in, rows or scores out: one loaded model, without tokenizer, templates or scheduling.
 * Thread-safe until closed.
 */
public interface ModelRunner extends AutoCloseable {
  /** Floats per row that a role yields: the dimension of an encoder, 1 for a scorer. */
  int width(String role);

  /**
   * Runs one batch.
   *
   * @return [rows, width(role)], row after row, as the model gave them (NaN included)
   * @throws DeadlineExceededException if the deadline passes or the calling thread is interrupted;
   *     the native run is stopped
   * @throws BackendException if the device fails; {@code retryable()} if it ran out of memory
   */
  float[] run(TokenBatch batch, Deadline deadline);

  /** Idempotent; refuses new runs and waits for those in flight. */
  @Override
  void close();
}
