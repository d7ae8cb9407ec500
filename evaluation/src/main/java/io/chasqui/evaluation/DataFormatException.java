package io.chasqui.evaluation;

import io.chasqui.ChasquiException;
import java.nio.file.Path;

/** A data file with a line that is not what it should be: says which file, which line and why. */
public final class DataFormatException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long line;

  /**
   * An error in one line.
   *
   * @param file the file that is wrong
   * @param line its line, from 1; 0 if the file as a whole
   * @param problem what was found and what was expected, as a sentence without a full stop
   */
  public DataFormatException(Path file, long line, String problem) {
    super(message(file, line, problem));
    this.file = file.toString();
    this.line = line;
  }

  public DataFormatException(Path file, long line, String problem, Throwable cause) {
    super(message(file, line, problem), cause);
    this.file = file.toString();
    this.line = line;
  }

  private static String message(Path file, long line, String problem) {
    return file + (line == 0 ? "" : ":" + line) + ": " + problem;
  }

  /** The file that is wrong. */
  public Path file() {
    return Path.of(file);
  }

  /** The line that is wrong, from 1; 0 if the file as a whole. */
  public long line() {
    return line;
  }
}
