package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many tokens a tokenizer's files allow. */
final class TextLimit {
  /** Where no file says anything: the length of nearly all models that say nothing. */
  private static final int UNSTATED = 512;

  private TextLimit() {}

  /**
   * {@code model_max_length} of {@code tokenizer_config.json}, but never more than the model has.
   *
   * @param positions of the model; {@code Integer.MAX_VALUE} if unknown
   */
  static int of(Path directory, int positions) throws IOException {
    Path file = directory.resolve(SpecialTokensReader.CONFIG);
    int most = positions == Integer.MAX_VALUE ? UNSTATED : positions;
    if (!Files.exists(file)) {
      return most;
    }
    JsonFields config = new JsonFields(file, "", Json.readObject(file));
    // Tokenizers without limit say 1e30.
    double stated = config.positiveNumber("model_max_length").orElse(positions);
    return (int) Math.max(1, stated < positions ? stated : most);
  }
}
