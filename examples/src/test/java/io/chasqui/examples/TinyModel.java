package io.chasqui.examples;

import java.nio.file.Path;

/** Where the small model lies; tests run in the module's folder. */
final class TinyModel {
  static final Path DIRECTORY = Path.of("models", "tiny-javadoc");

  private TinyModel() {}
}
