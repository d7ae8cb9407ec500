package io.chasqui;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A model file that is not what it should be: says which file, which field or tensor, what was
 * found and what was expected.
 */
public final class ModelFormatException extends ChasquiException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String field;

  /**
   * @param file the file that is wrong
   * @param field JSON path, tensor name or part of the file; "" if the file as a whole
   * @param problem what was found and what was expected, as a sentence without a full stop
   */
  public ModelFormatException(Path file, String field, String problem) {
    super(message(file, field, problem));
    this.file = file.toString();
    this.field = field;
  }

  public ModelFormatException(Path file, String field, String problem, Throwable cause) {
    super(message(file, field, problem), cause);
    this.file = file.toString();
    this.field = field;
  }

  private static String message(Path file, String field, String problem) {
    return file + (field.isEmpty() ? "" : " [" + field + "]") + ": " + problem;
  }

  /** The file that is wrong. */
  public Path file() {
    return Path.of(file);
  }

  /** JSON path, tensor name or part of the file, if it was one. */
  public Optional<String> field() {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
