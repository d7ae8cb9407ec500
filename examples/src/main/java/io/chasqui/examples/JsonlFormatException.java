package io.chasqui.examples;

import java.io.IOException;
import java.nio.file.Path;

/** A line of a JSONL corpus that is not what it should be: says which line and why. */
public final class JsonlFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long line;

  JsonlFormatException(Path file, long line, String problem) {
    super(file + " line " + line + ": " + problem);
    this.line = line;
  }

  /** Number of the line, from 1. */
  public long line() {
    return line;
  }
}
