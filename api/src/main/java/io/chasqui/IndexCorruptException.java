package io.chasqui;

import java.nio.file.Path;

/** An index file that was damaged, truncated, extended or swapped: says which file and where. */
public final class IndexCorruptException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /**
   * @param file the damaged file
   * @param offset byte offset of the damage as far as it is known, −1 if it is not
   * @param problem what was found and what was expected
   */
  public IndexCorruptException(Path file, long offset, String problem) {
    super(file + (offset < 0 ? "" : " at byte " + offset) + ": " + problem);
    this.file = file.toString();
    this.offset = offset;
  }

  public IndexCorruptException(Path file, long offset, String problem, Throwable cause) {
    super(file + (offset < 0 ? "" : " at byte " + offset) + ": " + problem, cause);
    this.file = file.toString();
    this.offset = offset;
  }

  /** The damaged file. */
  public Path file() {
    return Path.of(file);
  }

  /** Byte offset of the damage, −1 if unknown. */
  public long offset() {
    return offset;
  }
}
