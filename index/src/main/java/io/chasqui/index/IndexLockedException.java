package io.chasqui.index;

import io.chasqui.ChasquiException;
import java.nio.file.Path;

/** A second writer: another handle or process is writing to the index. Searching needs no lock. */
public final class IndexLockedException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  IndexLockedException(Path directory, String holder) {
    super("index " + directory + " is being written by " + holder + "; there can be one writer");
  }
}
