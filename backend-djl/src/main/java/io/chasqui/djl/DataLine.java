package io.chasqui.djl;

import io.chasqui.evaluation.DataFormatException;
import java.nio.file.Path;

/**
 * One line of a file, and where it stands. Immutable.
 *
 * @param number from 1
 * @param text without its end
 */
record DataLine(Path file, long number, String text) {
  boolean isBlank() {
    return text.isBlank();
  }

  /** An error about this line. */
  DataFormatException problem(String problem) {
    return new DataFormatException(file, number, problem);
  }

  /** An error about this line that a value's own check found. */
  DataFormatException problem(RuntimeException cause) {
    return new DataFormatException(file, number, String.valueOf(cause.getMessage()), cause);
  }
}
