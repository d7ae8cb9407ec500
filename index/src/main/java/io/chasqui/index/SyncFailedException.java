package io.chasqui.index;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The disk did not confirm what was written. What has reached it is unknown from then on (Linux
 * forgets the unwritten pages), so that the writer has to begin anew.
 */
final class SyncFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  SyncFailedException(Path file, IOException cause) {
    super("fsync of " + file + " failed", cause);
  }
}
