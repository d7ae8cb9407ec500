package io.chasqui.checkpoint;

import java.util.Optional;

/** How many labels a {@code config.json} gives a sequence-classification head. */
final class LabelFields {
  private static final String ARCHITECTURE_SUFFIX = "ForSequenceClassification";

  /** Hugging Face leaves id2label out when it has this many. */
  private static final int DEFAULT_LABELS = 2;

  private LabelFields() {}

  /** Labels, or 0 if the checkpoint is not of a sequence-classification class. */
  static int read(JsonFields json) {
    boolean classifies =
        json.strings("architectures").stream()
            .flatMap(names -> names.stream())
            .anyMatch(name -> name.endsWith(ARCHITECTURE_SUFFIX));
    if (!classifies) {
      return 0;
    }
    Optional<JsonFields> names = json.object("id2label");
    int named = names.map(fields -> fields.names().size()).orElse(DEFAULT_LABELS);
    int labels = json.positive("num_labels").orElse(named);
    if (named < 1 || (names.isPresent() && labels != named)) {
      throw json.problem("num_labels", labels + ", but id2label names " + named);
    }
    return labels;
  }
}
