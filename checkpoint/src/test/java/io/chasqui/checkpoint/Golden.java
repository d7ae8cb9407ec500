package io.chasqui.checkpoint;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Fixtures of this module's tests: src/test/resources/golden. */
final class Golden {
  private Golden() {}

  static Path path(String relative) {
    try {
      var url = Golden.class.getResource("/golden/" + relative);
      return Path.of(Objects.requireNonNull(url, relative).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(relative, e);
    }
  }
}
