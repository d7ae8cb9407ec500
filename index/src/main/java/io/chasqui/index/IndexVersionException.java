package io.chasqui.index;

import io.chasqui.ChasquiException;
import java.nio.file.Path;

/** An index written in a newer format than this version of Chasqui reads. */
public final class IndexVersionException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final int found;
  private final int supported;

  IndexVersionException(Path file, int found, int supported) {
    super(
        file
            + " has format version "
            + found
            + "; this version of chasqui-index reads up to "
            + supported
            + ": use a newer one");
    this.found = found;
    this.supported = supported;
  }

  /** The format version of the file. */
  public int found() {
    return found;
  }

  /** The newest format version that this code reads. */
  public int supported() {
    return supported;
  }
}
