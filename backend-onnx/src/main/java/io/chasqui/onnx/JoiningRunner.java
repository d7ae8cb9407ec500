package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.util.List;

/** A runner that runs several batches at once, as rows of one. Thread-safe until closed. */
interface JoiningRunner extends ModelRunner {
  /** Whether batches of different roles may run together. */
  boolean joinsRoles();

  /**
   * Runs batches as one. What rows get does not depend on their company.
   *
   * @param batches of one role each; of one role all, unless {@link #joinsRoles()}
   * @return what {@link ModelRunner#run} gives for each, in order
   * @throws BackendException if the device fails; {@code retryable()} if it ran out of memory
   */
  List<float[]> runTogether(List<TokenBatch> batches, Deadline deadline);
}
