package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the {@code config.json} of an exported model says, of whatever type it is; each field has a
 * value that promises nothing where the file is silent or absent. Immutable.
 *
 * @param vocabularySize ids are below this
 * @param hiddenSize width of hidden states; 0 if unknown
 * @param maxPositions longest input
 * @param segmentTypes values of {@code token_type_ids}: with 1 or 0 there is nothing to tell apart
 * @param layers of the encoder; 0 if unknown
 * @param heads of attention; 0 if unknown
 * @param innerSize of the MLP; 0 if unknown
 * @param labels outputs of a classifier; 0 if unknown
 */
public record GraphConfig(
    int vocabularySize,
    int hiddenSize,
    int maxPositions,
    int segmentTypes,
    int layers,
    int heads,
    int innerSize,
    int labels) {
  /** Their position ids begin after the padding id, so that two of the table are never used. */
  private static final Set<String> SHIFTED_POSITIONS =
      Set.of("roberta", "xlm-roberta", "camembert", "mpnet");

  private static final int SHIFT = 2;

  /** The only architecture with pairs has two segments. */
  private static final int BERT_SEGMENTS = 2;

  static GraphConfig read(Path directory) throws IOException {
    Path file = directory.resolve("config.json");
    if (!Files.exists(file)) {
      return new GraphConfig(Integer.MAX_VALUE, 0, Integer.MAX_VALUE, BERT_SEGMENTS, 0, 0, 0, 0);
    }
    JsonFields json = JsonFile.readObject(file);
    int positions = first(json, Integer.MAX_VALUE, "max_position_embeddings", "n_positions");
    if (SHIFTED_POSITIONS.contains(json.string("model_type").orElse("")) && positions > SHIFT) {
      positions -= SHIFT;
    }
    return new GraphConfig(
        json.positive("vocab_size").orElse(Integer.MAX_VALUE),
        first(json, 0, "hidden_size", "dim", "d_model"),
        positions,
        json.natural("type_vocab_size").orElse(BERT_SEGMENTS),
        first(json, 0, "num_hidden_layers", "n_layers"),
        first(json, 0, "num_attention_heads", "n_heads"),
        first(json, 0, "intermediate_size", "hidden_dim"),
        labels(json));
  }

  private static int labels(JsonFields json) {
    OptionalInt stated = json.positive("num_labels");
    return stated.isPresent()
        ? stated.getAsInt()
        : json.object("id2label").map(labels -> labels.names().size()).orElse(0);
  }

  private static int first(JsonFields json, int absent, String... names) {
    for (String name : names) {
      OptionalInt value = json.positive(name);
      if (value.isPresent()) {
        return value.getAsInt();
      }
    }
    return absent;
  }
}
